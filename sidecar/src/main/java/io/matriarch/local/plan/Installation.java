package io.matriarch.local.plan;

import io.matriarch.cli.CommandFailure;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of Matriarch itself that a local cluster runs. They are copied into its directory
 * first: a build must not pull the ground from under a running cluster.
 *
 * @param home the directory that holds {@code bin}
 */
public record Installation(Path home, Path jar, Path s3Server, Path supervisor) {

    private static final String KEPT = "sidecar.aot";

    /** Of the program that runs now: a jar beside its fellows. */
    public static Installation current() {
        Path jar = Path.of(source());
        if (!Files.isRegularFile(jar)) {
            throw CommandFailure.refused(
                    "program: " + jar + " (expected: matriarch.jar)",
                    "start it by bin/matriarch after 'make build'");
        }
        return around(jar);
    }

    /** Of a jar in {@code HOME/sidecar/target} or in {@code HOME/lib}. */
    public static Installation around(Path jar) {
        Path folder = jar.toAbsolutePath().normalize().resolveSibling(".").normalize();
        String wayUp = folder.endsWith(Path.of("sidecar", "target")) ? "../.." : "..";
        Path home = folder.resolve(wayUp).normalize();
        Path inTree = home.resolve("docker/postgres/supervise.sh");
        Path installed = home.resolve("lib/supervise.sh");
        Path supervisor = Files.exists(inTree) ? inTree : installed;
        Installation found = new Installation(home, jar, folder.resolve("s3proxy.jar"), supervisor);
        Stream.of(found.s3Server, found.supervisor, home.resolve("bin/matriarch"))
                .filter(file -> !Files.isReadable(file))
                .findFirst()
                .ifPresent(file -> {
                    throw CommandFailure.refused(
                            "program: " + file + " is missing", "run 'make build' again");
                });
        return found;
    }

    private static URI source() {
        try {
            return Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("program: its own place is not a URI", e);
        }
    }

    /** What is copied to where. */
    public Map<Path, Path> copiesFor(LocalDirectory directory) {
        Map<Path, Path> copies = new LinkedHashMap<>();
        copies.put(home.resolve("bin/matriarch"), launcherIn(directory));
        copies.put(home.resolve("bin/jdk-home"), launcherIn(directory).resolveSibling("jdk-home"));
        copies.put(jar, directory.runtime().resolve("lib/matriarch.jar"));
        copies.put(s3Server, s3ServerIn(directory));
        copies.put(supervisor, supervisorIn(directory));
        return copies;
    }

    /** What the JVM has kept of a sidecar's rehearsal; it takes it beside this very jar only. */
    public Path kept() {
        return jar.resolveSibling(KEPT);
    }

    public static Path keptIn(LocalDirectory directory) {
        return directory.runtime().resolve("lib").resolve(KEPT);
    }

    public static Path launcherIn(LocalDirectory directory) {
        return directory.runtime().resolve("bin/matriarch");
    }

    public static Path s3ServerIn(LocalDirectory directory) {
        return directory.runtime().resolve("lib/s3proxy.jar");
    }

    public static Path supervisorIn(LocalDirectory directory) {
        return directory.runtime().resolve("lib/supervise.sh");
    }
}
