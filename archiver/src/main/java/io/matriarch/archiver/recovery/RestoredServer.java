package io.matriarch.archiver.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.matriarch.archiver.restore.PlannedEnd;
import io.matriarch.archiver.restore.RecoverySettings;
import io.matriarch.archiver.restore.RestoreException;
import io.matriarch.archiver.restore.RestoreFolder;
import io.matriarch.archiver.restore.RestoredFiles;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.RecoveryProbe;
import io.matriarch.postgres.sql.RecoveryProgress;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
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
    private static final Duration PROGRAM_LIMIT = Duration.ofMinutes(2);

    private static final String BEFORE_TARGET = "before configured recovery target";

    /** Of {@code postmaster.pid}, counted from 0. */
    private static final int PORT_LINE = 3;

    /** Of the path of a Unix socket, less the socket's name. */
    private static final int LONGEST_SOCKET_FOLDER = 85;

    private final Path directory;
    private final ServerPrograms programs;
    private final RestoredFiles files;
    private final ServerLog serverLog;
    private final PlannedEnd planned;
    private final Map<String, Integer> raised = new TreeMap<>();
    private final RecoveryProbe probe;
    private final Path socketFolder;

    private RestoredServer(Path directory, ServerPrograms programs, Path socketFolder) {
        this.directory = directory;
        this.programs = programs;
        this.files = new RestoredFiles(directory, programs.runAs());
        this.serverLog = new ServerLog(files.place(RestoreFolder.path("server.log")));
        this.planned = new PlannedEnd(files);
        this.socketFolder = socketFolder;
        this.probe =
                new RecoveryProbe(
                        ServerAddress.unixSocket(
                                socketFolder, programs.port(), programs.superuser()));
    }

    /**
     * Starts recovery; returns when the postmaster runs, not when recovery has ended. One that runs
     * already, because whoever started it was interrupted, is taken as it is.
     */
    public static RestoredServer start(Path directory, ServerPrograms programs)
            throws InterruptedException {
        Path absolute = directory.toAbsolutePath().normalize();
        Path socketFolder = absolute.resolve(RestoreFolder.FOLDER);
        if (socketFolder.toString().length() > LONGEST_SOCKET_FOLDER) {
            throw new RestoreException(
                    "path of the restored directory: "
                            + absolute
                            + " (expected: at most "
                            + (LONGEST_SOCKET_FOLDER - RestoreFolder.FOLDER.length() - 1)
                            + " characters, for a Unix socket below it)",
                    "start the server by hand, or restore into a directory with a shorter path");
        }
        RestoredServer server = new RestoredServer(absolute, programs, socketFolder);
        if (server.isAlive()) {
            return server.onPort(server.portInUse());
        }
        requireSealed(absolute);
        server.requireEarlierEnd();
        try {
            server.start();
        } catch (IOException e) {
            throw new RestoreException(
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

    private RestoredServer onPort(int port) {
        ServerPrograms known =
                new ServerPrograms(
                        programs.programs(),
                        programs.runAs(),
                        port,
                        programs.superuser(),
                        programs.patience());
        return new RestoredServer(directory, known, socketFolder);
    }

    private int portInUse() {
        Path file = directory.resolve("postmaster.pid");
        try {
            return Integer.parseInt(Files.readAllLines(file).get(PORT_LINE).strip());
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            throw new RestoreException(
                    "server on " + directory + ": runs, and " + file + " names no port",
                    "wait until it has come up, or stop it, and run the same restore again",
                    e);
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
        // The directory comes in the environment, and the log by a name without any surprise: both
        // are put between double quotes by pg_ctl, within which a shell still expands.
        run(
                directory,
                List.of(
                        "start",
                        "--no-wait",
                        "--log=" + directory.relativize(logFile()),
                        "--options=" + String.join(" ", options)));
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
            throw new RestoreException(
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
        boolean isPromoted = !now.isInRecovery();
        if (isPromoted) {
            promotedAt().or(now::replayed).ifPresent(this::requireEnd);
        }
        return new RecoveryOutcome(
                isPromoted ? RecoveryOutcome.End.PROMOTED : RecoveryOutcome.End.PAUSED,
                now.replayed(),
                now.lastCommit(),
                raised,
                Duration.ofNanos(System.nanoTime() - began));
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
            return new RecoveryOutcome(
                    RecoveryOutcome.End.SHUT_DOWN,
                    Optional.empty(),
                    Optional.empty(),
                    raised,
                    Duration.ofNanos(System.nanoTime() - began));
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
                complaints.stream().anyMatch(it -> it.contains(BEFORE_TARGET))
                        ? "nothing that is archived behind the backup meets the target: check its"
                                + " name or number, or name an earlier backup; to have all that"
                                + " there is, ask for the latest"
                        : "look into " + logFile());
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
        try {
            List<String> lines = Files.readAllLines(directory.resolve("postmaster.pid"));
            return !lines.isEmpty()
                    && ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                            .map(ProcessHandle::isAlive)
                            .orElse(false);
        } catch (IOException | NumberFormatException none) {
            return false;
        }
    }

    /** Stops the server; what was restored stays. */
    public void stop() throws InterruptedException {
        if (!isAlive()) {
            return;
        }
        try {
            run(Path.of("/"), List.of("stop", "--mode=fast", "--wait"));
        } catch (IOException e) {
            throw new RestoreException(
                    "server on " + directory + " cannot be stopped: " + e.getMessage(),
                    "stop it by hand",
                    e);
        }
    }

    private void run(Path folder, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        programs.runAs()
                .ifPresent(user ->
                        command.addAll(
                                List.of(
                                        "setpriv",
                                        "--reuid=" + user,
                                        "--regid=" + user,
                                        "--init-groups",
                                        "--")));
        command.add(programs.programs().resolve("pg_ctl").toString());
        command.addAll(arguments);
        // What it says fits into the pipe; in a file it would stay when this process is killed.
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("PGDATA", directory.toString());
        Process process = builder.start();
        if (!process.waitFor(PROGRAM_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            throw new IOException("pg_ctl did not end in " + PROGRAM_LIMIT.toSeconds() + " s");
        }
        if (process.exitValue() != 0) {
            byte[] words = process.getInputStream().readAllBytes();
            throw new IOException("pg_ctl: " + new String(words, UTF_8).strip());
        }
    }
}
