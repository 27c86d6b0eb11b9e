package io.matriarch.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A temporary directory that PostgreSQL's user may enter. Its path is short, for Unix sockets lie
 * below it.
 */
public record Workplace(Path root) {

    private static final Duration REMOVAL = Duration.ofMinutes(1);

    public static Workplace make() {
        try {
            Path root = Files.createTempDirectory("matriarch");
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
            return new Workplace(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path resolve(String name) {
        return root.resolve(name);
    }

    public void remove() throws InterruptedException {
        Programs.run(REMOVAL, Map.of(), List.of("rm", "-rf", root.toString())).orFail();
    }
}
