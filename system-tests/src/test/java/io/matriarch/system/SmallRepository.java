package io.matriarch.system;

import io.matriarch.outside.Launcher;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/** A copy of the small repository that the source tree holds, to be damaged. */
record SmallRepository(Path root) {

    static SmallRepository copyTo(Path root) throws IOException {
        Path rehearsed = Launcher.here().home().resolve("sidecar/src/aot/repository");
        Files.walkFileTree(
                rehearsed,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        Files.createDirectory(root.resolve(rehearsed.relativize(folder)));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.copy(file, root.resolve(rehearsed.relativize(file)));
                        return FileVisitResult.CONTINUE;
                    }
                });
        return new SmallRepository(root);
    }

    /** The one object whose key ends so. */
    Path object(String end) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(it -> it.toString().endsWith(end)).findFirst().orElseThrow();
        }
    }
}
