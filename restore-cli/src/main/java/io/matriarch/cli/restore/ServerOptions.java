package io.matriarch.cli.restore;

import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.postgres.PostgresVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether and how the restored server is started. */
final class ServerOptions {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int FIRST_PORT = 5433;
    private static final int PORTS = 100;

    @Option(
            names = "--start",
            description = "Start the server, on localhost, and follow it to the target.")
    private boolean start;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description =
                    "To be set for the restored server (--start alone: a free one from 5433).")
    private @Nullable Integer port;

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

    @Option(
            names = "--target-action",
            paramLabel = "ACTION",
            defaultValue = "PROMOTE",
            description =
                    "What the server does at the target: promote, pause or shutdown (default:"
                            + " promote).")
    private RestoreMode.Action action;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    ServerOptions() {}

    boolean isStarted() {
        return start;
    }

    /**
     * Whether WAL goes on coming while the server replays. One that pauses or stops at the target
     * may be given a later one, and needs it all.
     */
    boolean isStreamed() {
        return start && action == RestoreMode.Action.PROMOTE;
    }

    /** The port that was asked for, which the restored server then keeps. */
    Optional<Integer> port() {
        Integer asked = port;
        if (asked != null && (asked < 1 || asked > 65_535)) {
            throw CommandFailure.usage(
                    "port: " + asked + " (expected: 1 to 65535)", "choose a free one");
        }
        if (asked != null && start && !isFree(asked)) {
            throw CommandFailure.refused(
                    "port: " + asked + " is in use (expected: a free one)",
                    "choose another, or leave it out");
        }
        return Optional.ofNullable(asked);
    }

    /**
     * A port that was only found free is none of the restore's settings: run again after an
     * interruption, it would be another, and the restore no longer the same.
     */
    RestoreMode mode() {
        return new RestoreMode.Recover(action, port());
    }

    /** What starts the server, found before anything is restored. */
    ServerPrograms programs(PostgresVersion version, PlaceOptions place)
            throws InterruptedException {
        requireUser(place);
        Path folder = programs == null ? usualPlace(version) : programs;
        if (!Files.isExecutable(folder.resolve("pg_ctl"))) {
            throw CommandFailure.refused(
                    "programs of PostgreSQL "
                            + version.major()
                            + ": "
                            + folder
                            + " holds no pg_ctl",
                    "install that version's server, name its programs with --programs, or restore"
                            + " without --start");
        }
        int chosen = port().orElseGet(ServerOptions::freePort);
        return new ServerPrograms(folder, place.owner(), chosen, superuser, PATIENCE);
    }

    /** One who PostgreSQL runs as, and who comes to the target. */
    private static void requireUser(PlaceOptions place) throws InterruptedException {
        if (place.user().isRoot()) {
            throw CommandFailure.refused(
                    "PostgreSQL does not run as root (expected: with --start, --owner USER of"
                            + " another user)",
                    "name the user who is to run it, as in --owner postgres");
        }
        if (place.owner().isEmpty()) {
            return;
        }
        String owner = "owner: " + place.owner().get();
        try {
            Optional<Path> closed = place.user().firstClosed(place.directory());
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

    private static Path usualPlace(PostgresVersion version) {
        return Path.of("/usr/lib/postgresql", Integer.toString(version.major()), "bin");
    }

    private static int freePort() {
        return IntStream.range(FIRST_PORT, FIRST_PORT + PORTS)
                .filter(ServerOptions::isFree)
                .findFirst()
                .orElseThrow(() ->
                        CommandFailure.refused(
                                "no free port from " + FIRST_PORT + " on",
                                "choose one with --port"));
    }

    private static boolean isFree(int candidate) {
        try (ServerSocket _ = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
