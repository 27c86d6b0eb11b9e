package io.matriarch.system;

import io.matriarch.outside.Launcher;
import io.matriarch.outside.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What {@code make build} does after Maven: the tests' sidecars run as the installed ones do, and
 * what many of them need for their start is learned once.
 */
final class Rehearsal {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Path HOME = Launcher.here().home();
    private static final Path JAR = HOME.resolve("sidecar/target/matriarch.jar");

    /** What the JVM has kept of a sidecar's rehearsal. */
    static final Path KEPT = JAR.resolveSibling("sidecar.aot");

    private Rehearsal() {}

    /** Sees to it that there is something kept for this very jar. */
    static synchronized void require() throws InterruptedException {
        if (isNewerThanTheJar()) {
            return;
        }
        String program = HOME.resolve("bin/rehearse-sidecar").toString();
        Programs.run(PATIENCE, Map.of(), List.of(program)).orFail();
    }

    private static boolean isNewerThanTheJar() {
        try {
            return Files.exists(KEPT)
                    && Files.getLastModifiedTime(KEPT).compareTo(Files.getLastModifiedTime(JAR))
                            > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
