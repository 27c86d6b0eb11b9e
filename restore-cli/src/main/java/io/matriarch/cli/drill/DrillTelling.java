package io.matriarch.cli.drill;

import io.matriarch.archiver.drill.DrillProgress;
import io.matriarch.archiver.drill.DrillReport.Phase;
import io.matriarch.archiver.drill.DrillRequest;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Progress;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.RecoveryProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Tells a person how far a drill is. */
final class DrillTelling implements DrillProgress, AutoCloseable {

    private static final Duration LINE = Duration.ofSeconds(5);

    private final Terminal terminal;
    private final DrillRequest request;
    private Optional<Progress> bar = Optional.empty();
    private long lastTold = System.nanoTime();

    DrillTelling(Terminal terminal, DrillRequest request) {
        this.terminal = terminal;
        this.request = request;
    }

    @Override
    public void onPlan(RestorePlan plan, Path folder) {
        terminal.tell(
                "%s %s, ended %s, %s, into %s%s"
                        .formatted(
                                request.backup().isPresent() ? "backup" : "the newest backup",
                                plan.backup().id(),
                                Amounts.time(plan.backup().stopTime()),
                                Amounts.bytes(plan.backup().totals().bytes()),
                                folder,
                                request.moment()
                                        .drawnBy()
                                        .map(seed -> ", to a moment drawn with seed " + seed)
                                        .orElse("")));
    }

    @Override
    public void onPhase(Phase phase) {
        end();
        terminal.tell("phase: " + phase.name().toLowerCase(Locale.ROOT));
        bar =
                phase == Phase.RESTORE
                        ? Optional.of(Progress.show(terminal, "restoring"))
                        : Optional.empty();
    }

    @Override
    public void onBytes(long done, long total) {
        bar.ifPresent(it -> it.onBytes(done, total));
    }

    @Override
    public void onReplay(RecoveryProgress progress) {
        long now = System.nanoTime();
        if (progress.isInRecovery() && now - lastTold >= LINE.toNanos()) {
            lastTold = now;
            terminal.tell(
                    "replaying: at %s, last commit %s"
                            .formatted(
                                    progress.replayed().map(Lsn::toString).orElse("the beginning"),
                                    progress.lastCommit()
                                            .map(Instant::toString)
                                            .orElse("unknown")));
        }
    }

    @Override
    public void onNote(String note) {
        terminal.tell("note: " + note);
    }

    @Override
    public void close() {
        end();
    }

    /** Of the phase that is shown. */
    void end() {
        bar.ifPresent(Progress::close);
        bar = Optional.empty();
    }
}
