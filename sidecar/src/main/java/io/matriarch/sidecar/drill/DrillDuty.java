package io.matriarch.sidecar.drill;

import io.matriarch.cli.ExitStatus;
import io.matriarch.sidecar.configuration.DrillSettings;
import io.matriarch.sidecar.configuration.Schedule;
import io.matriarch.sidecar.duty.RetryPause;
import io.matriarch.sidecar.duty.Rounds;
import java.time.Instant;
import java.util.Optional;

/**
 * Holding drills when they are due, on every member that is configured to, whatever its role. One
 * whose store or cluster did not answer is held again after a while; what another has shown stands
 * until the next is due.
 */
public final class DrillDuty implements AutoCloseable {

    /** Holds one. */
    @FunctionalInterface
    interface Drill {
        /** Returns its exit status. */
        int hold() throws InterruptedException;
    }

    private final Schedule schedule;
    private final Drill drill;
    private final Rounds rounds = new Rounds("drill", () -> look(Instant.now()));
    private final RetryPause pause = new RetryPause();
    private Instant last;
    private Instant notBefore = Instant.EPOCH;

    /**
     * @param begun what was due before is not made up for
     */
    DrillDuty(Schedule schedule, Drill drill, Instant begun) {
        this.schedule = schedule;
        this.drill = drill;
        this.last = begun;
    }

    /**
     * The duty of this sidecar; empty if it has none.
     *
     * @throws io.matriarch.sidecar.configuration.ConfigurationException if it is to hold drills,
     *     and this host lacks what they need
     */
    public static Optional<DrillDuty> of(DrillSettings settings) {
        if (!settings.isScheduled()) {
            return Optional.empty();
        }
        DrillProcess process = DrillProcess.of(settings);
        return Optional.of(new DrillDuty(settings.schedule(), process::hold, Instant.now()));
    }

    public void open() {
        rounds.open();
    }

    void look(Instant now) throws InterruptedException {
        boolean isDue = schedule.lastDue(now).map(due -> due.isAfter(last)).orElse(false);
        if (!isDue || now.isBefore(notBefore)) {
            return;
        }
        if (drill.hold() == ExitStatus.UNREACHABLE.code()) {
            notBefore = now.plus(pause.afterFailure());
            return;
        }
        pause.afterSuccess(true);
        last = now;
    }

    @Override
    public void close() {
        rounds.close();
    }
}
