package io.matriarch.cli.server;

import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.recovery.ServerUser;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.postgres.PostgresVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a restored server is started with, and by whom. */
public final class ProgramOptions {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Option(
            names = "--programs",
            paramLabel = "DIR",
            description = "Where PostgreSQL's programs are, if not in the usual place.")
    private @Nullable Path programs;

    @Option(
            names = "--superuser",
            paramLabel = "ROLE",
            defaultValue = "postgres",
            description = "A superuser of the restored server (default: ${DEFAULT-VALUE}).")
    private String superuser;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public ProgramOptions() {}

    /**
     * The programs of a version, if this host has them.
     *
     * @param otherwise the end of a hint: what could be done without
     */
    public ServerPrograms found(
            PostgresVersion version, Optional<String> owner, IntSupplier port, String otherwise) {
        Path folder = programs == null ? usualPlace(version) : programs;
        if (!Files.isExecutable(folder.resolve("pg_ctl"))) {
            throw CommandFailure.refused(
                    "programs of PostgreSQL "
                            + version.major()
                            + ": "
                            + folder
                            + " holds no pg_ctl",
                    "install that version's server, name its programs with --programs" + otherwise);
        }
        return new ServerPrograms(folder, owner, port.getAsInt(), superuser, PATIENCE);
    }

    private static Path usualPlace(PostgresVersion version) {
        return Path.of("/usr/lib/postgresql", Integer.toString(version.major()), "bin");
    }

    /**
     * One who PostgreSQL runs as, and who comes to where its data will be.
     *
     * @param when a part of a sentence: when that is asked for
     */
    public static void requireUser(ServerUser user, Path directory, String when)
            throws InterruptedException {
        if (user.isRoot()) {
            throw CommandFailure.refused(
                    "PostgreSQL does not run as root (expected: "
                            + when
                            + "--owner USER of another user)",
                    "name the user who is to run it, as in --owner postgres");
        }
        if (user.name().isEmpty()) {
            return;
        }
        String owner = "owner: " + user.name().get();
        try {
            Optional<Path> closed = user.firstClosed(directory);
            if (closed.isPresent()) {
                throw CommandFailure.refused(
                        owner
                                + " cannot enter "
                                + closed.get()
                                + " (expected: the way to the target directory, for the server)",
                        "let that user in, as in chmod o+x "
                                + closed.get()
                                + ", or choose another directory");
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED,
                    owner + " cannot run a program: " + e.getMessage(),
                    "name a user of this host who has a group of the same name, and run the"
                            + " restore as root",
                    e);
        }
    }
}
