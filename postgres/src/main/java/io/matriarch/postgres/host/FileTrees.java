package io.matriarch.postgres.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Folders with all that is in them. */
public final class FileTrees {

    private FileTrees() {}

    /** Removes it; a link is removed, and not what it leads to. */
    public static void remove(Path root) {
        walk(root, new Removal());
    }

    /**
     * The same, with a rest after each file for as long as that took: others need the disk, too.
     */
    public static void removeUnhurriedly(Path root) throws InterruptedException {
        walk(root, new UnhurriedRemoval());
        if (Thread.interrupted()) {
            throw new InterruptedException("removal of " + root);
        }
    }

    private static void walk(Path root, Removal removal) {
        try {
            Files.walkFileTree(root, removal);
        } catch (IOException e) {
            throw new UncheckedIOException(root + " cannot be removed", e);
        }
    }

    private static class Removal extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException trouble)
                throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }

    private static final class UnhurriedRemoval extends Removal {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            long begin = System.nanoTime();
            super.visitFile(file, attributes);
            LockSupport.parkNanos(System.nanoTime() - begin);
            return Thread.currentThread().isInterrupted()
                    ? FileVisitResult.TERMINATE
                    : FileVisitResult.CONTINUE;
        }
    }
}
