package io.matriarch.elector.simulation.model;

import io.matriarch.elector.control.ActualState;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.DesiredState;
import io.matriarch.elector.control.Job;
import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.situation.Epoch;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The control directory: in memory, so that it is gone with the host, and with nothing else. */
final class ControlFiles {

    private final World world;
    private final Host host;

    @Nullable LeaseRecord lease;
    @Nullable DesiredState desired;
    @Nullable ActualState actual;
    @Nullable Epoch trigger;
    final TreeMap<String, Job> jobs = new TreeMap<>();
    final TreeMap<String, Job.Outcome> outcomes = new TreeMap<>();
    final TreeMap<String, Job> stops = new TreeMap<>();

    ControlFiles(World world, Host host) {
        this.world = world;
        this.host = host;
    }

    /** It should lie in memory; on half of the hosts it lies on the disk. */
    private boolean isFull() {
        return (world.plan().seed() / 2 + host.number()) % 2 == 0 && host.disk().isFull();
    }

    void forgetAll() {
        lease = null;
        desired = null;
        actual = null;
        trigger = null;
        jobs.clear();
        outcomes.clear();
        stops.clear();
    }

    /** The sidecar's end. */
    ControlChannel channel(Lifetime life) {
        return new SidecarsEnd(life);
    }

    private final class SidecarsEnd implements ControlChannel {

        private final Lifetime life;

        SidecarsEnd(Lifetime life) {
            this.life = life;
        }

        private void settle() {
            if (world.time().isInFiber()) {
                life.sleep(world.chance().between(20, 400));
            }
            if (isFull()) {
                throw Disk.noSpace();
            }
        }

        @Override
        public void writeLease(LeaseRecord next) {
            // Never parks: the authority writes it under its own lock. One that is there is
            // overwritten in place.
            if (lease == null && isFull()) {
                throw Disk.noSpace();
            }
            lease = next;
            world.tell(witness -> witness.onLease(host, next));
        }

        @Override
        public Optional<LeaseRecord> readLease() {
            return Optional.ofNullable(lease);
        }

        @Override
        public void writeDesired(DesiredState next) {
            settle();
            desired = next;
            host.supervisor().ring();
        }

        @Override
        public Optional<DesiredState> readDesired() {
            return Optional.ofNullable(desired);
        }

        @Override
        public Optional<ActualState> readActual() {
            return Optional.ofNullable(actual);
        }

        @Override
        public void touchTrigger(Epoch epoch) {
            settle();
            trigger = epoch;
            host.supervisor().ring();
        }

        @Override
        public void ringSupervisor() {
            host.supervisor().ring();
        }

        @Override
        public void submit(Job job) {
            settle();
            jobs.put(job.id(), job);
            host.supervisor().ring();
        }

        @Override
        public List<Job> unfinished() {
            return jobs.values().stream().filter(job -> !outcomes.containsKey(job.id())).toList();
        }

        @Override
        public Optional<Job.Outcome> outcome(Job job) {
            return Optional.ofNullable(outcomes.get(job.id()));
        }

        @Override
        public void stop(Job job) {
            if (isFull()) {
                throw Disk.noSpace();
            }
            stops.put(job.id(), job);
            host.supervisor().ring();
        }

        @Override
        public void forget(Job job) {
            jobs.remove(job.id());
            outcomes.remove(job.id());
            stops.remove(job.id());
        }
    }
}
