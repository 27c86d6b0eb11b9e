package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A private file for what is too long for the memory. */
public final class ScratchFile {

    private ScratchFile() {}

    /**
     * Opens a new file that only this user could open, and that has no name any more: it is gone
     * with the channel, or with the process.
     */
    public static FileChannel open(Path folder) throws IOException {
        Path file =
                Files.createTempFile(
                        folder,
                        ".matriarch-",
                        ".tmp",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(file);
        }
    }
}
