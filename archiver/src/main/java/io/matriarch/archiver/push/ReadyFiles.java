package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.WalName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What PostgreSQL wants archived: the {@code .ready} files of {@code archive_status}. They are only
 * ever looked at; PostgreSQL alone changes them.
 */
final class ReadyFiles {

    private static final String READY = ".ready";

    /** What a file looked like: a change means that its content is another. */
    record Look(long size, Instant modified, Object identity) {}

    private final Path walDirectory;
    private final Path statusDirectory;

    ReadyFiles(Path walDirectory) {
        this.walDirectory = walDirectory;
        this.statusDirectory = walDirectory.resolve("archive_status");
    }

    /** All that wait, in no order; none while there is no data directory. */
    List<WalName> list() {
        List<WalName> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(statusDirectory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(READY)) {
                    WalName.tryParse(name.substring(0, name.length() - READY.length()))
                            .ifPresent(names::add);
                }
            }
            return names;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException(e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Since when a file waits; empty if it does not, any more. */
    Optional<Instant> since(WalName name) {
        return attributes(statusDirectory.resolve(name.text() + READY))
                .map(a -> a.lastModifiedTime().toInstant());
    }

    Optional<Look> look(WalName name) {
        return attributes(walDirectory.resolve(name.text()))
                .map(a ->
                        new Look(
                                a.size(),
                                a.lastModifiedTime().toInstant(),
                                String.valueOf(a.fileKey())));
    }

    private static Optional<BasicFileAttributes> attributes(Path file) {
        try {
            return Optional.of(Files.readAttributes(file, BasicFileAttributes.class));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
