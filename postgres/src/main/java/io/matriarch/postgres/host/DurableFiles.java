package io.matriarch.postgres.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** The steps that make names in a directory outlive a crash of the machine. */
public final class DurableFiles {

    private static final Set<PosixFilePermission> OF_USER =
            PosixFilePermissions.fromString("rwx------");

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

    /**
     * Creates the folders between {@code root}, which must exist, and a file, durably; they are for
     * the user alone, whatever the umask is.
     */
    public static void createFolders(Path root, Path file) throws IOException {
        Path folder = folderOf(file);
        if (Files.isDirectory(folder)) {
            return;
        }
        if (folder.equals(root)) {
            throw new NoSuchFileException(root.toString());
        }
        createFolders(root, folder);
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OF_USER));
        syncName(folder);
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
