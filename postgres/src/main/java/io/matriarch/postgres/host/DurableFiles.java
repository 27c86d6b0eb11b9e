package io.matriarch.postgres.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** The steps that make names in a directory outlive a crash of the machine. */
public final class DurableFiles {

    private DurableFiles() {}

    /** Writes the name of a file to disk, by way of its folder. */
    public static void syncName(Path file) throws IOException {
        syncFolder(folderOf(file));
    }

    /** Writes the names in a folder to disk. */
    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes a file that may be there or not. */
    public static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.getParent(), "folder of " + file);
    }
}
