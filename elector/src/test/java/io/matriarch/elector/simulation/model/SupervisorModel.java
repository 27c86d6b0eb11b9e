package io.matriarch.elector.simulation.model;

import io.matriarch.elector.control.ActualState;
import io.matriarch.elector.control.ActualState.Cause;
import io.matriarch.elector.control.ActualState.Mode;
import io.matriarch.elector.control.ActualState.Running;
import io.matriarch.elector.control.DesiredState;
import io.matriarch.elector.control.DesiredState.StopMode;
import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The supervisor of one Postgres, by the contract of {@code docs/control-directory.md}: each round
 * looks at everything anew and does what it calls for.
 */
public final class SupervisorModel {

    /**
     * What a supervisor keeps to. All of it is true, but for a planted defect.
     *
     * @param checksTrigger the trigger file must hold the epoch of a valid lease
     * @param startsStandbys without a lease every start is a standby's
     * @param fences a primary without a valid lease is stopped
     * @param asksTheLock dead is who has left the lock, orphans and all
     * @param foundsByLease without a lease no cluster is made
     */
    public record Rules(
            boolean checksTrigger,
            boolean startsStandbys,
            boolean fences,
            boolean asksTheLock,
            boolean foundsByLease) {

        public static final Rules ALL = new Rules(true, true, true, true, true);
    }

    private static final long FENCE_PATIENCE = 400;
    private static final long STOP_PATIENCE = 10_000;
    private static final long REPEAT_PROMOTION = 1_000;

    private final World world;
    private final Host host;
    private final ControlFiles control;
    private final Rules rules;
    private final ProgramModel programs;
    private final long poll;

    private Lifetime life;
    private @Nullable LeaseRecord known;
    private long deadline;
    private boolean mayBePrimary;
    private long leaseEpoch;
    private long epoch;
    private @Nullable Long offset;
    private long desired;
    private boolean isToRun;
    private StopMode stopMode = StopMode.FAST;

    private long sequence;
    private Running state = Running.STOPPED;
    private BootTime since = BootTime.ZERO;
    private Mode mode = Mode.NONE;
    private Cause cause = Cause.NONE;
    private @Nullable Cause stopCause;
    private long immediateSince = -1;
    private long promoting = -1;
    private long held = -1;
    private long nextStart;
    private long startPause = 200;
    private long rounds;

    SupervisorModel(World world, Host host, ControlFiles control) {
        this.world = world;
        this.host = host;
        this.control = control;
        this.rules = world.defect().supervisor();
        this.poll = world.plan().lease().poll().toMillis();
        this.life = new Lifetime(world.time());
        this.programs = new ProgramModel(world, host, control);
        life.kill();
    }

    public Lifetime life() {
        return life;
    }

    private long now() {
        return host.bootTime().millis();
    }

    // Its own life.

    /** A supervisor begins; a postmaster that lives is taken over. */
    void open() {
        life = new Lifetime(world.time());
        known = null;
        deadline = 0;
        mayBePrimary = false;
        leaseEpoch = 0;
        epoch = 0;
        offset = null;
        desired = 0;
        isToRun = false;
        stopCause = null;
        immediateSince = -1;
        promoting = -1;
        held = -1;
        nextStart = 0;
        startPause = 200;
        recall();
        round();
    }

    private void recall() {
        ActualState last = control.actual;
        state = Running.STOPPED;
        mode = Mode.NONE;
        cause = Cause.NONE;
        sequence = 0;
        since = host.bootTime();
        if (last != null) {
            sequence = last.sequence();
            epoch = last.epoch().value();
            since = last.since();
            cause = last.cause();
        }
        boolean isSameBoot = last != null && last.bootId().equals(host.bootId());
        if (!isSameBoot) {
            lookAtLease();
            deadline = 0;
        }
        Postgres postgres = host.postgres();
        if (postgres.hasPostmaster()) {
            state = Running.RUNNING;
            mode = postgres.data().hasStandbySignal ? Mode.STANDBY : Mode.PRIMARY;
        } else if (postgres.holdsLock()) {
            state = Running.STOPPING;
            if (last == null || last.state() != Running.RUNNING) {
                stopCause = cause;
            }
        } else if (cause == Cause.CRASHED || cause == Cause.FENCED) {
            held = sequence;
        } else if (last != null && last.state() != Running.STOPPED) {
            state = Running.STOPPING;
        }
        programs.recall();
    }

    void kill() {
        life.kill();
    }

    ProgramModel programs() {
        return programs;
    }

    /** Wakes it. */
    void ring() {
        life.after(world.chance().between(100, 3_000), this::round);
    }

    void ringSidecar() {
        host.sidecar().wake();
    }

    /** Starts and stops of the clocks are seen as the difference between them. */
    private void lookAtClocks() {
        long found = host.wallOffset();
        Long before = offset;
        offset = found;
        if (before != null && Math.abs(found - before) > 1_000) {
            deadline = 0;
        }
    }

    private void round() {
        long round = ++rounds;
        lookAtClocks();
        lookAtLease();
        lookAtDesired();
        lookAtPostmaster();
        programs.look(life);
        act();
        report();
        life.after(
                rest(),
                () -> {
                    if (round == rounds) {
                        round();
                    }
                });
    }

    private long rest() {
        long millis = poll;
        long due = -1;
        if (state == Running.STOPPING && !host.postgres().hasPostmaster()) {
            millis = 10;
        } else if (stopCause == Cause.FENCED) {
            due = immediateSince + FENCE_PATIENCE;
        } else if (mode == Mode.PRIMARY || promoting >= 0) {
            due = deadline;
        } else if (state == Running.STOPPED && cause == Cause.FAILED) {
            due = nextStart;
        }
        if (due > now() && due - now() < millis) {
            millis = due - now();
        }
        return Math.max(10, millis) * VirtualTime.MILLIS + world.chance().between(0, 4_000);
    }

    // Looking.

    private void lookAtLease() {
        LeaseRecord lease = control.lease;
        if (lease == null || lease.equals(known)) {
            return;
        }
        known = lease;
        if (lease.epoch().value() < epoch) {
            return;
        }
        deadline = lease.deadline().millis() / 10 * 10;
        mayBePrimary = lease.mayBePrimary();
        leaseEpoch = lease.epoch().value();
        epoch = leaseEpoch;
    }

    /** Whether a primary may run, as this supervisor knows it. */
    public boolean permitsPrimary() {
        return mayBePrimary && deadline > now() && leaseEpoch >= epoch;
    }

    boolean mayFound() {
        lookAtLease();
        return permitsPrimary() || !rules.foundsByLease();
    }

    public long epoch() {
        return epoch;
    }

    private void lookAtDesired() {
        DesiredState found = control.desired;
        if (found != null) {
            desired = found.sequence();
            isToRun = found.isRunning();
            stopMode = found.stopMode();
        }
    }

    private void lookAtPostmaster() {
        if (state == Running.STOPPED) {
            return;
        }
        Postgres postgres = host.postgres();
        if (postgres.hasPostmaster()) {
            if (mode == Mode.STANDBY && !postgres.data().hasStandbySignal) {
                mode = Mode.PRIMARY;
            }
            return;
        }
        mode = Mode.NONE;
        if (state == Running.RUNNING) {
            cause = Cause.CRASHED;
            become(Running.STOPPING);
        }
        if (postgres.holdsLock() && rules.asksTheLock()) {
            postgres.kill();
            return;
        }
        layToRest(postgres.wasUp(), postgres.hasFailed());
    }

    private void layToRest(boolean wasUp, boolean hasFailed) {
        Cause asked = stopCause;
        if (asked != null) {
            cause = asked;
        } else {
            cause = hasFailed ? Cause.FAILED : Cause.CRASHED;
        }
        if (wasUp) {
            startPause = 200;
        }
        if (cause == Cause.FAILED) {
            nextStart = now() + startPause;
            startPause = Math.min(5_000, startPause * 2);
        } else if (cause == Cause.CRASHED || cause == Cause.FENCED) {
            sequence = Math.max(sequence, desired);
            held = sequence;
        }
        stopCause = null;
        immediateSince = -1;
        promoting = -1;
        become(Running.STOPPED);
    }

    private void become(Running next) {
        state = next;
        since = host.bootTime();
    }

    // Acting.

    private void act() {
        Postgres postgres = host.postgres();
        if (postgres.hasPostmaster() && state != Running.STOPPED) {
            actOn(postgres);
        } else if (state == Running.STOPPED) {
            actWithout();
        }
    }

    private void actOn(Postgres postgres) {
        boolean mustFence =
                rules.fences() && (mode == Mode.PRIMARY || promoting >= 0) && !permitsPrimary();
        if (stopCause == Cause.FENCED || mustFence) {
            fence(postgres);
        } else if (!isToRun && desired > 0) {
            sequence = desired;
            stop(postgres, stopMode);
        } else if (state == Running.STOPPING) {
            stop(postgres, StopMode.FAST);
        } else {
            if (isToRun) {
                sequence = desired;
            }
            obeyTrigger(postgres);
        }
    }

    private void actWithout() {
        if (!isToRun) {
            sequence = desired;
        } else if (desired > held && now() >= nextStart && !programs.isRunning()) {
            start();
        }
    }

    private void fence(Postgres postgres) {
        if (stopCause != Cause.FENCED) {
            stopCause = Cause.FENCED;
            cause = Cause.FENCED;
            immediateSince = now();
            if (state != Running.STOPPING) {
                become(Running.STOPPING);
            }
            world.tell(witness -> witness.onStop(host, true, true));
            postgres.stopImmediately(world.chance().once(6));
        } else if (now() - immediateSince >= FENCE_PATIENCE) {
            postgres.kill();
        }
    }

    private void stop(Postgres postgres, StopMode how) {
        if (how == StopMode.IMMEDIATE || immediateSince >= 0) {
            if (immediateSince < 0) {
                immediateSince = now();
                postgres.stopImmediately(world.chance().once(6));
            } else if (now() - immediateSince >= STOP_PATIENCE) {
                postgres.kill();
            }
        } else {
            postgres.stopFast();
        }
        if (stopCause == null) {
            stopCause = Cause.DESIRED;
            cause = Cause.DESIRED;
            world.tell(witness -> witness.onStop(host, how == StopMode.IMMEDIATE, false));
            if (state != Running.STOPPING) {
                become(Running.STOPPING);
            }
        }
    }

    private void obeyTrigger(Postgres postgres) {
        Epoch trigger = control.trigger;
        if (trigger == null) {
            return;
        }
        lookAtLease();
        boolean isPermitted = trigger.value() == leaseEpoch && permitsPrimary();
        if (mode == Mode.STANDBY && (isPermitted || !rules.checksTrigger())) {
            if (promoting < 0 || now() - promoting >= REPEAT_PROMOTION) {
                promoting = now();
                world.tell(witness -> witness.onPromotion(host, trigger.value()));
                postgres.promote(trigger.value());
                if (postgres.run() == Postgres.Run.PROMOTING) {
                    control.trigger = null;
                }
            }
        } else {
            control.trigger = null;
        }
    }

    private void start() {
        Data data = host.disk().data();
        if (data == null || host.postgres().holdsLock() || host.disk().isGoneOver()) {
            return;
        }
        sequence = desired;
        if (rules.checksTrigger()) {
            control.trigger = null;
        }
        lookAtLease();
        boolean asPrimary = permitsPrimary() || !rules.startsStandbys();
        data.hasStandbySignal = asPrimary ? !rules.startsStandbys() && data.hasStandbySignal : true;
        mode = data.hasStandbySignal ? Mode.STANDBY : Mode.PRIMARY;
        become(Running.RUNNING);
        host.postgres().start(!data.hasStandbySignal, leaseEpoch);
    }

    private void report() {
        ActualState before = control.actual;
        ActualState now =
                new ActualState(
                        sequence,
                        state,
                        since,
                        mode,
                        state == Running.STOPPED,
                        cause,
                        new Epoch(epoch),
                        host.bootId(),
                        host.bootTime(),
                        Duration.ofMillis(poll));
        control.actual = now;
        boolean isNews =
                before == null
                        || before.state() != state
                        || before.mode() != mode
                        || before.sequence() != sequence
                        || before.epoch().value() != epoch;
        if (isNews) {
            ringSidecar();
        }
    }
}
