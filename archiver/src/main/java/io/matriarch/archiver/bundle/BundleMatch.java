package io.matriarch.archiver.bundle;

import io.matriarch.archiver.catalogue.FileMode;
import io.matriarch.archiver.catalogue.ManifestEntry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Whether a bundle that an earlier run has uploaded holds exactly what a new one would put into it:
 * every file has the same size, time of change, mode, and, read whole and anew, the same checksum.
 * Then the bundle serves as if it had been written now.
 */
public final class BundleMatch {

    private static final int BUFFER_BYTES = 256 << 10;

    private final BundleSource source;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final List<PageVerification.Suspect> suspects = new ArrayList<>();

    private BundleMatch(BundleSource source) {
        this.source = source;
    }

    /** The suspect pages among the files; empty if the bundle does not serve. */
    public static Optional<List<PageVerification.Suspect>> of(
            BundleSource source, List<ManifestEntry> files) throws IOException {
        BundleMatch match = new BundleMatch(source);
        for (ManifestEntry file : files) {
            if (!match.looksSame(file)) {
                return Optional.empty();
            }
        }
        for (ManifestEntry file : files) {
            if (!match.isSame(file)) {
                return Optional.empty();
            }
        }
        return Optional.of(List.copyOf(match.suspects));
    }

    private boolean looksSame(ManifestEntry file) throws IOException {
        try {
            PosixFileAttributes now =
                    Files.readAttributes(
                            source.root().resolve(file.path()), PosixFileAttributes.class);
            return now.size() == file.size()
                    && now.lastModifiedTime().toInstant().equals(file.modified())
                    && FileMode.of(now).equals(file.mode());
        } catch (NoSuchFileException vanished) {
            return false;
        }
    }

    private boolean isSame(ManifestEntry file) throws IOException {
        Path path = source.root().resolve(file.path());
        DataFile data = new DataFile(file.path(), file.size());
        Optional<PageVerification> pages =
                source.verifiesPages() ? PageVerification.of(data) : Optional.empty();
        CRC32C crc = new CRC32C();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() != file.size()) {
                return false;
            }
            for (long at = 0; at < file.size(); ) {
                int wanted = (int) Math.min(buffer.length, file.size() - at);
                if (BundleBody.read(channel, buffer, wanted, at) < wanted) {
                    return false;
                }
                if (pages.isPresent()) {
                    pages.get().verify(channel, buffer, wanted, at);
                }
                crc.update(buffer, 0, wanted);
                source.bytesRead().onBytes(wanted);
                at += wanted;
            }
        } catch (NoSuchFileException vanished) {
            return false;
        }
        pages.ifPresent(it -> suspects.addAll(it.suspects()));
        return ManifestEntry.text(crc).equals(file.crc32c());
    }
}
