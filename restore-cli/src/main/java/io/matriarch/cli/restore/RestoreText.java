package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.recovery.ServerUser;
import io.matriarch.archiver.restore.RestoreReport;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.RecoveryProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** A restore as a person reads it. */
final class RestoreText {

    private static final Duration LINE = Duration.ofSeconds(5);

    private final Terminal terminal;
    private final Path directory;
    private final ServerUser user;
    private long lastTold = System.nanoTime();

    RestoreText(Terminal terminal, Path directory, ServerUser user) {
        this.terminal = terminal;
        this.directory = directory;
        this.user = user;
    }

    void plan(RestorePlan plan) {
        RestoreResult.Plan shown = RestoreResult.Plan.of(plan);
        terminal.print("target    " + shown.target() + ", along timeline " + shown.timeline());
        terminal.print(
                "backup    %s, ended %s, %s (%s stored)"
                        .formatted(
                                shown.backup(),
                                Amounts.time(shown.backupStopTime()),
                                Amounts.bytes(shown.bytes()),
                                Amounts.bytes(shown.storedBytes())));
        terminal.print(
                "WAL       "
                        + (shown.segments() == 0
                                ? "none"
                                : "%s, %s to %s"
                                        .formatted(
                                                Amounts.count(shown.segments(), "segment"),
                                                shown.firstSegment(),
                                                shown.lastSegment())));
        terminal.print("into      " + directory);
        shown.notes().forEach(note -> terminal.print("note      " + note));
    }

    void restored(RestoreReport report) {
        if (report.wasComplete()) {
            terminal.print("an earlier run has restored it already");
            return;
        }
        RestoreReport.Transfer transfer = report.transfer();
        terminal.print(
                "restored %d files, %s, in %s"
                        .formatted(
                                report.files(),
                                Amounts.bytes(report.bytes()),
                                Amounts.span(report.duration())));
        if (transfer.keptFiles() + transfer.removedFiles() > 0) {
            terminal.print(
                    "kept      %s, %s; removed %s; fetched %s"
                            .formatted(
                                    Amounts.count(transfer.keptFiles(), "file"),
                                    Amounts.bytes(transfer.keptBytes()),
                                    Amounts.count(transfer.removedFiles(), "file"),
                                    Amounts.bytes(transfer.fetchedBytes())));
        }
    }

    /** Hears of every look at the server that recovers. */
    void recovering(RecoveryProgress progress) {
        long now = System.nanoTime();
        if (!progress.isInRecovery() || now - lastTold < LINE.toNanos()) {
            return;
        }
        lastTold = now;
        terminal.tell(
                "replaying: at %s, last commit %s"
                        .formatted(
                                progress.replayed().map(Lsn::toString).orElse("the beginning"),
                                progress.lastCommit().map(Instant::toString).orElse("unknown")));
    }

    void conclusion(RestoreResult result) {
        conclude(result);
        result.advice().forEach(advice -> terminal.print("next      " + advice));
    }

    private void conclude(RestoreResult result) {
        if (result.restored() == null) {
            terminal.print("it can be done; nothing was written");
            return;
        }
        RestoreResult.Server server = result.server();
        if (server == null) {
            if (user.isRoot()) {
                // Through the links, for tablespaces lie behind them.
                terminal.print(
                        "give it to the server's user, for PostgreSQL does not run as root:"
                                + " chown -RL USER "
                                + directory);
            }
            terminal.print("start PostgreSQL on it: it replays to the target, then takes writes");
            return;
        }
        terminal.print(terminal.paint(Tone.GOOD, server.end().replace('_', ' ')) + course(server));
        server.raisedSettings()
                .forEach((name, value) ->
                        terminal.print(
                                "raised    "
                                        + name
                                        + " to "
                                        + value
                                        + ", as the cluster had it: replay needed it"));
        if (!isShutDown(server)) {
            terminal.print("connect   psql -h localhost -p " + server.port());
        }
        terminal.print("log       " + server.logFile());
    }

    /** What is known of how it came there. */
    private static String course(RestoreResult.Server server) {
        Long millis = server.recoveryMillis();
        String replayed = server.replayed();
        Instant lastCommit = server.lastCommit();
        String place = replayed == null ? "" : ", at " + replayed;
        if (millis == null) {
            return " before this run"
                    + place
                    + (lastCommit == null ? "" : lastTransaction(lastCommit.toString()));
        }
        String course = " after " + Amounts.span(Duration.ofMillis(millis)) + " of replay" + place;
        return isShutDown(server)
                ? course
                : course
                        + lastTransaction(
                                lastCommit == null ? "the backup" : lastCommit.toString());
    }

    private static String lastTransaction(String time) {
        return "; the last transaction in it is of " + time;
    }

    private static boolean isShutDown(RestoreResult.Server server) {
        return server.end().equals("shut_down");
    }
}
