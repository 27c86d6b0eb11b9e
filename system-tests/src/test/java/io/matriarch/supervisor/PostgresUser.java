package io.matriarch.supervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** PostgreSQL refuses to run as root: as root the tests start everything as its own user. */
final class PostgresUser {

    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    private PostgresUser() {}

    static boolean isNeeded() {
        return ROOT;
    }

    static List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        if (ROOT) {
            command.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=postgres",
                            "--regid=postgres",
                            "--init-groups",
                            "--"));
        }
        command.addAll(List.of(words));
        return command;
    }

    /** Runs to the end and fails with the output unless the exit status is zero. */
    static void run(String... words) throws InterruptedException {
        try {
            Path output = Files.createTempFile("output", ".txt");
            try {
                int status =
                        new ProcessBuilder(command(words))
                                .directory(Path.of("/").toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start()
                                .waitFor();
                if (status != 0) {
                    throw new AssertionError(List.of(words) + ": " + Files.readString(output));
                }
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new directory that belongs to the user who runs PostgreSQL. */
    static Path directory() throws IOException {
        Path directory = Files.createTempDirectory("supervised");
        if (ROOT) {
            var users = directory.getFileSystem().getUserPrincipalLookupService();
            Files.setOwner(directory, users.lookupPrincipalByName("postgres"));
        }
        return directory;
    }

    static Path programs() {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
