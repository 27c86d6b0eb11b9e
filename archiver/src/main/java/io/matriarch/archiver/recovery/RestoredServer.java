package io.matriarch.archiver.recovery;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.restore.PlannedEnd;
import io.matriarch.archiver.restore.RecoverySettings;
import io.matriarch.archiver.restore.RestoreFolder;
import io.matriarch.archiver.restore.RestoredFiles;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.PostmasterFile;
import io.matriarch.postgres.sql.RecoveryProbe;
import io.matriarch.postgres.sql.RecoveryProgress;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on a restored directory. It listens on localhost, with the access rules of the backup;
 * this program itself comes in through a Unix socket in a folder that only the owner can enter.
 *
 * <p>The server outlives this object and this process, unless it is stopped.
 */
public final class RestoredServer {

    private static final Logger log = LoggerFactory.getLogger(RestoredServer.class);

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private static final String BEFORE_TARGET = "before configured recovery target";
    private static final String LOCKED = "lock file \"postmaster.pid\" already exists";

    /** Of the path of a Unix socket, less the socket's name. */
    private static final int LONGEST_SOCKET_FOLDER = 85;

    private final Path directory;
    private final ServerPrograms programs;
    private final ServerControl control;
    private final RestoredFiles files;
    private final ServerLog serverLog;
    private final PlannedEnd planned;
    private final Map<String, Integer> raised = new TreeMap<>();
    private final RecoveryProbe probe;
    private final Path socketFolder;
    private final boolean hadPromoted;

    private RestoredServer(Path directory, ServerPrograms programs, Path socketFolder) {
        this.directory = directory;
        this.programs = programs;
        this.control = new ServerControl(directory, programs);
        this.files = new RestoredFiles(directory, programs.runAs());
        this.serverLog = new ServerLog(files.place(RestoreFolder.path("server.log")));
        this.planned = new PlannedEnd(files);
        this.socketFolder = socketFolder;
        DataDirectory data = new DataDirectory(directory);
        this.hadPromoted = data.controlFile().isPresent() && !data.hasRecoverySignal();
        this.probe =
                new RecoveryProbe(
                        ServerAddress.unixSocket(
                                socketFolder, programs.port(), programs.superuser()));
    }

    /**
     * Starts recovery; returns when the postmaster runs, not when recovery has ended. One that runs
     * already, because whoever started it was interrupted, is taken as it is.
     *
     * @throws RestoreException also if somebody has started one by hand: it lets nobody in through
     *     the private socket, and is not ours to start again
     */
    public static RestoredServer start(Path directory, ServerPrograms programs)
            throws InterruptedException {
        Path absolute = directory.toAbsolutePath().normalize();
        Path socketFolder = absolute.resolve(RestoreFolder.FOLDER);
        if (socketFolder.toString().length() > LONGEST_SOCKET_FOLDER) {
            throw RestoreException.ofThisHost(
                    "path of the restored directory: "
                            + absolute
                            + " (expected: at most "
                            + (LONGEST_SOCKET_FOLDER - RestoreFolder.FOLDER.length() - 1)
                            + " characters, for a Unix socket below it)",
                    "start the server by hand, or restore into a directory with a shorter path",
                    null);
        }
        RestoredServer server = new RestoredServer(absolute, programs, socketFolder);
        if (server.isAlive()) {
            ServerPrograms known = programs.onPort(server.portInUse());
            return new RestoredServer(absolute, known, socketFolder);
        }
        requireSealed(absolute);
        server.requireEarlierEnd();
        try {
            server.start();
        } catch (IOException e) {
            throw RestoreException.ofThisHost(
                    "server on " + absolute + " cannot be started: " + e.getMessage(),
                    "check that " + programs.programs() + " holds PostgreSQL's programs",
                    e);
        }
        return server;
    }

    /**
     * No server comes up on one that is not, and none says so in a way that could be waited for.
     */
    private static void requireSealed(Path directory) {
        if (new DataDirectory(directory).controlFile().isEmpty()) {
            throw new RestoreException(
                    "restored directory: "
                            + directory
                            + " is not sealed (expected: global/pg_control)",
                    "its restore has not come to its end: run the same restore again, it goes on");
        }
    }

    private int portInUse() {
        Optional<PostmasterFile> running = postmaster();
        Optional<Path> sockets = running.flatMap(PostmasterFile::socketFolder);
        int port = running.flatMap(PostmasterFile::port).orElse(0);
        if (port == 0 || running.flatMap(PostmasterFile::status).isEmpty()) {
            throw new RestoreException(
                    "server on " + directory + ": comes up just now", "run the same restore again");
        }
        if (sockets.filter(this::isOurs).isEmpty()) {
            throw new RestoreException(
                    "server on "
                            + directory
                            + ": runs already, on port "
                            + port
                            + ", and no restore has started it (expected: none)",
                    "look there how far it is; or stop it, as in pg_ctl stop -D "
                            + directory
                            + ", and run the same restore again");
        }
        return port;
    }

    private boolean isOurs(Path sockets) {
        try {
            return Files.isSameFile(sockets, socketFolder);
        } catch (IOException absent) {
            return false;
        }
    }

    /** The server's port. */
    public int port() {
        return programs.port();
    }

    /** For connections of one's own, through the private socket. */
    public ServerAddress address() {
        return ServerAddress.unixSocket(socketFolder, programs.port(), programs.superuser());
    }

    public Path logFile() {
        return serverLog.file();
    }

    private void start() throws IOException, InterruptedException {
        Path rules = directory.resolve("pg_hba.conf");
        files.write(
                RestoreFolder.path("pg_hba.conf"),
                "# Through the socket in this folder; who can enter it owns the files anyway.\n"
                        + "local all all trust\n"
                        + (Files.exists(rules) ? Files.readString(rules) : ""),
                "0600");
        // Complaints of an earlier start must not be taken for this one's.
        Files.deleteIfExists(logFile());
        List<String> options = new ArrayList<>();
        options.add("-p " + programs.port());
        places(options);
        setting(options, "listen_addresses", "localhost");
        setting(options, "logging_collector", "off");
        setting(options, "log_destination", "stderr");
        setting(options, "lc_messages", "C");
        setting(options, "log_min_messages", "warning");
        programs.settings().forEach((name, value) -> setting(options, name, value));
        // The directory comes in the environment, and the log by a name without any surprise: both
        // are put between double quotes by pg_ctl, within which a shell still expands.
        Optional<String> complaint =
                control.run(
                        directory,
                        List.of(
                                "start",
                                "--no-wait",
                                "--log=" + directory.relativize(logFile()),
                                "--options=" + String.join(" ", options)));
        if (complaint.isPresent()) {
            throw control.notStarted(complaint.get());
        }
        awaitPostmaster();
    }

    /**
     * All that the backup's settings may name outside of the directory: where the cluster had them
     * elsewhere, a living server may have them there still.
     */
    private void places(List<String> options) throws IOException {
        setting(options, "data_directory", directory.toString());
        setting(options, "config_file", ownOrEmpty("postgresql.conf"));
        setting(options, "hba_file", files.place(RestoreFolder.path("pg_hba.conf")).toString());
        setting(options, "ident_file", ownOrEmpty("pg_ident.conf"));
        // It would be overwritten now, and deleted when this server ends.
        setting(
                options,
                "external_pid_file",
                files.place(RestoreFolder.path("external.pid")).toString());
        setting(
                options,
                "unix_socket_directories",
                '"' + socketFolder.toString().replace("\"", "\"\"") + '"');
    }

    /** The file of the directory; an empty one if it did not come along. */
    private String ownOrEmpty(String name) throws IOException {
        Path own = directory.resolve(name);
        if (Files.exists(own)) {
            return own.toString();
        }
        files.write(RestoreFolder.path(name), "", "0600");
        return files.place(RestoreFolder.path(name)).toString();
    }

    /**
     * The program that starts it does not wait until there is one. It may be gone again already.
     */
    private void awaitPostmaster() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!isAlive() && !hasEnded()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("no server after " + START_LIMIT.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
    }

    private static void setting(List<String> options, String name, String value) {
        // A shell takes these apart, and then the server.
        options.add("-c " + name + "='" + value.replace("'", "'\\''") + "'");
    }

    /**
     * Waits until recovery has ended as the restore asked for. Where replay comes upon a setting
     * that the cluster had raised, it is raised here too, and the server started again.
     *
     * @param progress hears of every look at the server
     * @throws RestoreException if the server has stopped short of the target, with its own words
     */
    public RecoveryOutcome follow(Consumer<RecoveryProgress> progress) throws InterruptedException {
        long began = System.nanoTime();
        long moved = began;
        Optional<RecoveryProgress> last = Optional.empty();
        while (true) {
            Optional<RecoveryProgress> now = look();
            boolean isPaused = now.isPresent() && now.get().isPaused();
            if (now.isPresent()) {
                progress.accept(now.get());
                if (!now.get().isInRecovery() || (isPaused && serverLog.isPausedAtTarget())) {
                    return outcome(now.get(), began);
                }
            }
            if (!now.equals(last)) {
                moved = System.nanoTime();
                last = now;
            }
            boolean isAlive = isAlive();
            if ((isPaused || !isAlive) && serverLog.shortage().isPresent()) {
                raise(serverLog.shortage().get());
            } else if (!isAlive) {
                return ended(began);
            }
            if (System.nanoTime() - moved > programs.patience().toNanos()) {
                throw stuck(isPaused);
            }
            Thread.sleep(POLL);
        }
    }

    private RestoreException stuck(boolean isPaused) {
        return isPaused
                ? new RestoreException(
                        "replay has been paused before its target",
                        "somebody did that; SELECT pg_wal_replay_resume() on port "
                                + port()
                                + " lets it go on, and the same restore follows it again")
                : new RestoreException(
                        "replay made no progress for " + programs.patience().toSeconds() + " s",
                        "look into " + logFile());
    }

    /** In the file that is read last, so that it holds for later starts too. */
    private void raise(ServerLog.Shortage shortage) throws InterruptedException {
        if (raised.getOrDefault(shortage.setting(), 0) >= shortage.needed()) {
            throw new RestoreException(
                    shortage.setting()
                            + ": "
                            + shortage.found()
                            + ", though "
                            + shortage.needed()
                            + " was set in postgresql.auto.conf (expected: as the cluster had it)",
                    "something else sets it; look into " + logFile());
        }
        stop();
        try {
            String settings = Files.readString(files.place(RecoverySettings.FILE));
            String line = shortage.setting() + " = " + shortage.needed() + "\n";
            files.write(RecoverySettings.FILE, settings + line, "0600");
            raised.put(shortage.setting(), shortage.needed());
            log.atInfo()
                    .addKeyValue("setting", shortage.setting())
                    .addKeyValue("value", shortage.needed())
                    .addKeyValue("before", shortage.found())
                    .log("setting raised, as replay needs it");
            start();
        } catch (IOException e) {
            throw RestoreException.ofThisHost(
                    "server on " + directory + " cannot be started again: " + e.getMessage(),
                    "replay needs "
                            + shortage.setting()
                            + " = "
                            + shortage.needed()
                            + "; run the same restore again",
                    e);
        }
    }

    private Optional<RecoveryProgress> look() {
        try {
            return Optional.of(probe.progress());
        } catch (ServerException e) {
            // Not yet consistent, or gone: which of the two is seen by the postmaster.
            return Optional.empty();
        }
    }

    private RecoveryOutcome outcome(RecoveryProgress now, long began) {
        if (now.isInRecovery()) {
            return outcome(RecoveryOutcome.End.PAUSED, now.replayed(), now.lastCommit(), began);
        }
        Optional<Lsn> end = promotedAt().or(now::replayed);
        end.ifPresent(this::requireEnd);
        if (!hadPromoted) {
            return outcome(RecoveryOutcome.End.PROMOTED, now.replayed(), now.lastCommit(), began);
        }
        // Started again since then it knows nothing of that replay, but may have had another.
        boolean isSameRun = now.replayed().equals(promotedAt());
        return new RecoveryOutcome(
                RecoveryOutcome.End.PROMOTED,
                promotedAt(),
                isSameRun ? now.lastCommit() : Optional.empty(),
                raised,
                Optional.empty());
    }

    private RecoveryOutcome outcome(
            RecoveryOutcome.End end,
            Optional<Lsn> replayed,
            Optional<Instant> lastCommit,
            long began) {
        Duration duration = Duration.ofNanos(System.nanoTime() - began);
        return new RecoveryOutcome(end, replayed, lastCommit, raised, Optional.of(duration));
    }

    /**
     * One that an earlier run has left: to start it anew would lose what its log says of the end.
     */
    private void requireEarlierEnd() {
        promotedAt().ifPresent(this::requireEnd);
    }

    private Optional<Lsn> promotedAt() {
        return planned.timeline().flatMap(new OwnTimeline(directory)::began);
    }

    /** What lies in the plan's last segment is known only from there on. */
    private void requireEnd(Lsn replayed) {
        Optional<Lsn> certain = planned.certain().filter(replayed::isBefore);
        if (certain.isPresent()) {
            throw new RestoreException(
                    "WAL segment "
                            + planned.last().orElse("")
                            + ": replay ended in it at "
                            + replayed
                            + ", before "
                            + certain.get()
                            + reason()
                            + "; the server has promoted, without what lies behind",
                    damagedHint());
        }
    }

    private RecoveryOutcome ended(long began) {
        Optional<ControlFile.State> state =
                new DataDirectory(directory).controlFile().map(ControlFile::state);
        List<String> complaints = serverLog.complaints();
        if (state.equals(Optional.of(ControlFile.State.SHUT_DOWN_IN_RECOVERY))
                && complaints.isEmpty()) {
            return outcome(
                    RecoveryOutcome.End.SHUT_DOWN, Optional.empty(), Optional.empty(), began);
        }
        boolean isShort = complaints.stream().anyMatch(RestoredServer::isOfTheEnd);
        if (isShort && !planned.isReached()) {
            throw new RestoreException(
                    "WAL segment "
                            + planned.asked().orElse("")
                            + ": the log ends in it or just before it, and the plan goes on to "
                            + planned.last().orElse("")
                            + reason()
                            + "; the server has stopped and not promoted",
                    damagedHint());
        }
        throw new RestoreException(
                "the server stopped in recovery: "
                        + (complaints.isEmpty() ? "see its log" : complaints.getLast()),
                stoppedHint(complaints));
    }

    private String stoppedHint(List<String> complaints) {
        if (complaints.stream().anyMatch(it -> it.contains(BEFORE_TARGET))) {
            return "nothing that is archived behind the backup meets the target: check its name or"
                    + " number, or name an earlier backup; to have all that there is, ask for the"
                    + " latest";
        }
        // It asks only whether the number is somebody's, and leaves the rest to a person.
        return complaints.stream().anyMatch(it -> it.contains(LOCKED))
                ? "the process of the number in it works elsewhere: delete "
                        + directory.resolve("postmaster.pid")
                        + " if no server runs on the directory, and run the same restore again"
                : "look into " + logFile();
    }

    /** That the server has come to the end of the log, or of what it takes for it. */
    private static boolean isOfTheEnd(String complaint) {
        return complaint.contains(BEFORE_TARGET)
                || complaint.contains("WAL ends before")
                || (complaint.contains("could not restore file") && complaint.contains(".history"));
    }

    private String reason() {
        return serverLog.unreadable().map(it -> " (" + it + ")").orElse("");
    }

    private String damagedHint() {
        return "it was damaged before it was archived; restore from a backup that was taken behind"
                + " it"
                + serverLog
                        .replayed()
                        .map(it -> ", or into another directory up to the position " + it)
                        .orElse("");
    }

    /** A short recovery may be over before anybody has looked. */
    private boolean hasEnded() {
        return !serverLog.complaints().isEmpty() || serverLog.isShutDown();
    }

    private boolean isAlive() {
        return postmaster().filter(PostmasterFile::isLive).isPresent();
    }

    private Optional<PostmasterFile> postmaster() {
        try {
            return PostmasterFile.of(directory);
        } catch (IOException beingRewritten) {
            return Optional.empty();
        }
    }

    /** Stops the server; what was restored stays. */
    public void stop() throws InterruptedException {
        if (isAlive()) {
            control.stop();
        }
    }
}
