package io.matriarch.archiver.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One backup of a data directory at a time, by the kernel's own word: the lock goes with its
 * process, however that ends. Who holds it knows that no earlier run is still at work in the folder
 * that it takes over.
 */
final class BackupLock implements AutoCloseable {

    private final FileChannel file;

    private BackupLock(FileChannel file) {
        this.file = file;
    }

    static BackupLock take(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(file) == null) {
            file.close();
            throw new BackupException(
                    "lock " + path + ": held (expected: no other backup of this data directory)",
                    "another process takes a backup here; wait for it, or end it");
        }
        return new BackupLock(file);
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException byThisProcess) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
