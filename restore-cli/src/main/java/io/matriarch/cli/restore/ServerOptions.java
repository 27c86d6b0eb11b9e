package io.matriarch.cli.restore;

import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.server.ProgramOptions;
import io.matriarch.postgres.PostgresVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether and how the restored server is started. */
final class ServerOptions {

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

    @Mixin private final ProgramOptions programs = new ProgramOptions();

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
        ProgramOptions.requireUser(place.user(), place.directory(), "with --start, ");
        return programs.found(
                version,
                place.owner(),
                () -> port().orElseGet(ServerOptions::freePort),
                ", or restore without --start");
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
