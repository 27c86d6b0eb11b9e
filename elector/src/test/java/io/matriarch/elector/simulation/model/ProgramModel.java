package io.matriarch.elector.simulation.model;

import io.matriarch.elector.control.Job;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's programs that change a data directory, run by a supervisor, one at a time. */
final class ProgramModel {

    private static final int FORBIDDEN = 124;
    private static final int LOST = 125;
    private static final int ENDED = 143;
    private static final long FIRST_SYSTEM = 77;

    private final World world;
    private final Host host;
    private final ControlFiles control;

    private @Nullable Job running;
    private Lifetime life;

    ProgramModel(World world, Host host, ControlFiles control) {
        this.world = world;
        this.host = host;
        this.control = control;
        this.life = new Lifetime(world.time());
    }

    boolean isRunning() {
        return running != null;
    }

    /** A program goes on when its supervisor is replaced, and dies with its host. */
    void recall() {
        if (running != null && life.isDead()) {
            end(running, LOST, "the job was lost");
        }
    }

    void killAll() {
        life.kill();
        running = null;
    }

    void look(Lifetime supervisor) {
        Job now = running;
        if (now != null) {
            if (control.stops.containsKey(now.id())) {
                life.kill();
                end(now, ENDED, "ended");
            }
            return;
        }
        for (Job job : List.copyOf(control.jobs.values())) {
            if (control.outcomes.containsKey(job.id())) {
                continue;
            }
            if (control.stops.containsKey(job.id())) {
                end(job, ENDED, "stopped before it began");
            } else if (!host.postgres().holdsLock() && !host.disk().isGoneOver()) {
                begin(job);
                return;
            }
        }
    }

    private void begin(Job job) {
        running = job;
        life = new Lifetime(world.time());
        switch (job.arguments().getFirst()) {
            case "initdb" -> initdb(job);
            case "pg_rewind" -> rewind(job, source(job));
            case "pg_basebackup" -> copy(job, source(job));
            default -> end(job, 126, "unknown program");
        }
    }

    private Host source(Job job) {
        return world.host(new Endpoint(job.arguments().get(1), World.PORT));
    }

    private void end(Job job, int status, String output) {
        if (running != null && job.id().equals(running.id())) {
            running = null;
        }
        control.outcomes.put(job.id(), new Job.Outcome(status, output));
        host.sidecar().wake();
        host.supervisor().ring();
    }

    private boolean isReachable(Host source) {
        return source.postgres().acceptsConnections()
                && world.network().isOpen(host.number(), source.number())
                && world.network().isOpen(source.number(), host.number());
    }

    private void initdb(Job job) {
        if (!host.supervisor().mayFound()) {
            end(job, FORBIDDEN, "no lease");
            return;
        }
        if (host.disk().data() != null) {
            end(job, 1, "directory exists but is not empty");
            return;
        }
        Data data =
                new Data(
                        new SystemIdentifier(FIRST_SYSTEM + world.foundings()),
                        Branch.first(),
                        Data.FIRST_END);
        data.isTorn = true;
        host.disk().data = data;
        life.after(
                world.chance().between(200, 900) * VirtualTime.MILLIS,
                () -> {
                    if (host.disk().isFull()) {
                        end(job, 1, "No space left on device");
                        return;
                    }
                    data.isTorn = false;
                    world.tell(witness -> witness.onFounded(host));
                    end(job, 0, "");
                });
    }

    /** Compares the numbers of timelines, and finds nothing to do where they are the same. */
    private void rewind(Job job, Host source) {
        Data own = host.disk().existing();
        if (!isReachable(source) || world.chance().once(12)) {
            life.after(50 * VirtualTime.MILLIS, () -> end(job, 1, "no connection, or no WAL"));
            return;
        }
        Data theirs = source.postgres().data();
        TimelineId target = own.timeline();
        if (target.equals(theirs.checkpointTimeline)) {
            life.after(50 * VirtualTime.MILLIS, () -> end(job, 0, "no rewind required"));
            return;
        }
        own.isTorn = true;
        life.after(
                world.chance().between(150, 1_500) * VirtualTime.MILLIS,
                () -> {
                    if (!isReachable(source) || host.disk().isFull()) {
                        end(job, 1, "the connection broke, or the disk is full");
                        return;
                    }
                    Data now = source.postgres().data();
                    world.tell(witness -> witness.onRewind(host, own, now));
                    own.take(now);
                    own.isTorn = false;
                    end(job, 0, "done");
                });
    }

    private void copy(Job job, Host source) {
        if (host.disk().data() != null || !isReachable(source)) {
            life.after(
                    50 * VirtualTime.MILLIS,
                    () -> end(job, 1, "no connection, or the directory is not empty"));
            return;
        }
        Data theirs = source.postgres().data();
        Data copy = new Data(theirs.system, theirs.branch, theirs.end);
        copy.isTorn = true;
        host.disk().data = copy;
        life.after(
                world.chance().between(200, 2_500) * VirtualTime.MILLIS,
                () -> {
                    if (!isReachable(source) || host.disk().isFull()) {
                        end(job, 1, "the connection broke, or the disk is full");
                        return;
                    }
                    copy.take(source.postgres().data());
                    copy.isTorn = false;
                    end(job, 0, "done");
                });
    }
}
