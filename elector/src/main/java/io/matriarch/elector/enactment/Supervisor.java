package io.matriarch.elector.enactment;

import io.matriarch.elector.control.ActualState;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.DesiredState;
import io.matriarch.elector.control.DesiredState.StopMode;
import io.matriarch.elector.control.Job;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Orders to the supervisor of Postgres, each given once. */
public final class Supervisor {

    private static final Duration BETWEEN_STARTS = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration JOB_LOOK = Duration.ofMillis(50);
    private static final Duration LEFT_OVER_PATIENCE = Duration.ofSeconds(10);

    private final ControlChannel control;
    private final Pace pace;
    private final String bootId;
    private @Nullable BootTime lastStart;

    Supervisor(ControlChannel control, Pace pace, String bootId) {
        this.control = control;
        this.pace = pace;
        this.bootId = bootId;
    }

    /** What the supervisor says, if it lives and shares this clock. */
    public Optional<ActualState> actual() {
        return control.readActual()
                .filter(a -> a.bootId().equals(bootId))
                .filter(a -> a.isAlive(pace.now()));
    }

    public boolean isAlive() {
        return actual().isPresent();
    }

    /** Why {@link #actual} is empty, in words. */
    String whyUnclear() {
        Optional<ActualState> last = control.readActual();
        if (last.isEmpty()) {
            return "it has not written yet";
        }
        if (!last.get().bootId().equals(bootId)) {
            return "it runs under another kernel, so the two share no clock";
        }
        return "its last heartbeat is "
                + pace.now().since(last.get().heartbeat()).toMillis()
                + " ms old";
    }

    /** Asks for Postgres to run; a start that the supervisor has not seen yet is not repeated. */
    void start(ActualState actual) {
        DesiredState before = desired();
        boolean isPending = before.isRunning() && actual.sequence() < before.sequence();
        BootTime last = lastStart;
        boolean isRecent =
                before.isRunning()
                        && last != null
                        && pace.now().since(last).compareTo(BETWEEN_STARTS) < 0;
        if (isPending || isRecent) {
            return;
        }
        lastStart = pace.now();
        control.writeDesired(new DesiredState(before.sequence() + 1, true, before.stopMode()));
    }

    void stop(StopMode mode) {
        DesiredState before = desired();
        if (before.isRunning() || before.stopMode() != mode) {
            control.writeDesired(new DesiredState(before.sequence() + 1, false, mode));
        }
        lastStart = null;
    }

    private DesiredState desired() {
        return control.readDesired().orElse(new DesiredState(0, false, StopMode.FAST));
    }

    /** Waits until no process of Postgres lives. */
    void awaitDead(Duration patience) throws InterruptedException, TimeoutException {
        BootTime deadline = pace.now().plus(patience);
        while (!actual().map(ActualState::isProvenDead).orElse(false)) {
            if (pace.now().isAfter(deadline)) {
                throw new TimeoutException("Postgres did not stop within " + patience);
            }
            pace.pause(LOOK);
        }
    }

    /** Runs one of PostgreSQL's programs and waits for its end. */
    Job.Outcome run(Job job, Duration patience) throws InterruptedException, TimeoutException {
        control.forget(job);
        control.submit(job);
        return await(job, patience);
    }

    /** Whether a job is there that nobody waits for any more, if nobody waits for one now. */
    boolean hasLeftOvers() {
        return !control.unfinished().isEmpty();
    }

    /**
     * Ends what an earlier life asked for, or what did not end in time: it must not begin, or go
     * on, in a data directory that has changed since.
     */
    void endLeftOvers() throws InterruptedException, TimeoutException {
        for (Job job : control.unfinished()) {
            control.stop(job);
            await(job, LEFT_OVER_PATIENCE);
        }
    }

    private Job.Outcome await(Job job, Duration patience)
            throws InterruptedException, TimeoutException {
        BootTime deadline = pace.now().plus(patience);
        while (true) {
            Optional<Job.Outcome> outcome = control.outcome(job);
            if (outcome.isPresent()) {
                control.forget(job);
                return outcome.get();
            }
            if (pace.now().isAfter(deadline)) {
                control.stop(job);
                throw new TimeoutException(
                        job.arguments().getFirst() + " did not end within " + patience);
            }
            pace.pause(JOB_LOOK);
        }
    }
}
