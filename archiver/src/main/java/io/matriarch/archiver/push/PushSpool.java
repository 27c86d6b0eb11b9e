package io.matriarch.archiver.push;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/**
 * Where {@code archive-wal} waits for the word: {@code <name>.ok} once the store has confirmed,
 * {@code <name>.error} with the reason if a person is needed.
 *
 * <p>Nothing in it outlives this process: after a restart every file is compared with the store
 * anew, so that no confirmation given for other content is ever taken for a new one.
 */
final class PushSpool {

    private static final String OK = ".ok";
    private static final String ERROR = ".error";

    private final Path directory;

    PushSpool(Path spool) {
        this.directory = spool.resolve("push");
    }

    /** Makes the spool, empty. */
    void clear() {
        try {
            Files.createDirectories(directory);
            forgetAllBut(Set.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void confirm(String name) {
        write(name + OK, "");
        delete(directory.resolve(name + ERROR));
    }

    void refuse(String name, String reason) {
        write(name + ERROR, reason + "\n");
    }

    void withdraw(String name) {
        delete(directory.resolve(name + OK));
    }

    /** Removes what nobody waits for any more. */
    void forgetAllBut(Set<String> waiting) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String about = name.replaceFirst("(\\.(ok|error))?(\\.new)?$", "");
                if (!waiting.contains(about)) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By renaming: the waiting script never sees half a word. */
    private void write(String name, String text) {
        Path file = directory.resolve(name);
        Path fresh = directory.resolve(name + ".new");
        try {
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
