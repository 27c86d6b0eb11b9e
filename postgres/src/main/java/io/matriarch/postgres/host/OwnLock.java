package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lock between processes of this program, by the kernel's own word: it goes with its process,
 * however that ends. The file stays; it means nothing by itself.
 */
public final class OwnLock implements AutoCloseable {

    private final FileChannel file;

    private OwnLock(FileChannel file) {
        this.file = file;
    }

    /** Takes it without waiting; empty if somebody has it, in this process or another. */
    public static Optional<OwnLock> tryTake(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(file) == null) {
            file.close();
            return Optional.empty();
        }
        return Optional.of(new OwnLock(file));
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
