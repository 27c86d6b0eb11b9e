package io.matriarch.elector.simulation.model;

import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.datadir.ControlFile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One Postgres of a member: it starts, recovers, streams, promotes, takes commits, stops, and dies
 * in the ways that were measured.
 */
public final class Postgres {

    private static final long RECORD_BYTES = 256;
    private static final long SENDER_PATIENCE = 10 * VirtualTime.SECONDS;

    /** How it runs. */
    public enum Run {
        DOWN,
        STARTING,
        STANDBY,
        PROMOTING,
        PRIMARY,
        STOPPING
    }

    /** A standby as its sender knows it. */
    static final class Peer {
        final WalStream stream;
        long flushed;

        Peer(WalStream stream) {
            this.stream = stream;
        }
    }

    private record Waiting(long end, LongConsumer onDurable) {}

    private final World world;
    private final Host host;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final Map<String, Peer> peers = new HashMap<>();
    private final List<SynchronousSet> enforced = new ArrayList<>();
    private final WalReceiver receiver;

    private Lifetime life;
    private Run run = Run.DOWN;
    private boolean hasPostmaster;
    private OwnFiles.Role loaded = new OwnFiles.Role(null, false, SynchronousSet.NONE);
    private long epoch;
    private long visible;
    private boolean wasUp;
    private boolean hasFailed;
    private int reasonsToFail;

    Postgres(World world, Host host) {
        this.world = world;
        this.host = host;
        this.life = new Lifetime(world.time());
        life.kill();
        this.receiver = new WalReceiver(world, host);
    }

    public Run run() {
        return run;
    }

    public long epoch() {
        return epoch;
    }

    /** Up to where its log can be read by a client: what waits for standbys cannot. */
    public long visible() {
        return visible;
    }

    Lifetime life() {
        return life;
    }

    boolean hasPostmaster() {
        return hasPostmaster && !life.isDead();
    }

    /** Some process of it lives. */
    boolean holdsLock() {
        return !life.isDead();
    }

    boolean wasUp() {
        return wasUp;
    }

    /** From now on no start comes to its end; negative to undo that. */
    void failStarts(int more) {
        reasonsToFail += more;
    }

    /** It ended by itself before it was up. */
    public boolean hasFailed() {
        return hasFailed;
    }

    OwnFiles.Role loaded() {
        return loaded;
    }

    WalReceiver receiver() {
        return receiver;
    }

    Map<String, Peer> peers() {
        return peers;
    }

    /** Whether it is a standby that receives from this one. */
    public boolean streamsFrom(Host other) {
        WalStream stream = receiver.stream();
        return run == Run.STANDBY && stream != null && stream.source() == other;
    }

    boolean acceptsConnections() {
        return hasPostmaster()
                && !life.isFrozen()
                && (run == Run.STANDBY || run == Run.PROMOTING || run == Run.PRIMARY);
    }

    Data data() {
        return host.disk().existing();
    }

    // Lifetime and death.

    void start(boolean asPrimary, long underEpoch) {
        Data data = data();
        world.tell(witness -> witness.onStart(host, data, asPrimary));
        life = new Lifetime(world.time());
        hasPostmaster = true;
        run = Run.STARTING;
        wasUp = false;
        waiting.clear();
        peers.clear();
        loaded = data.configured;
        enforced.clear();
        enforced.add(loaded.synchronous());
        epoch = asPrimary ? underEpoch : 0;
        boolean crashed = data.state == ControlFile.State.IN_PRODUCTION;
        long recovery =
                crashed ? world.chance().between(150, 2_500) : world.chance().between(40, 300);
        hasFailed =
                reasonsToFail > 0
                        || host.disk().isFull()
                        || data.isHidden
                        || world.chance().once(60);
        if (hasFailed) {
            life.after(recovery * VirtualTime.MILLIS, this::exit);
        } else {
            life.after(recovery * VirtualTime.MILLIS, () -> recovered(asPrimary));
        }
    }

    private void recovered(boolean asPrimary) {
        if (asPrimary && host.disk().isFull()) {
            hasFailed = true;
            exit();
            return;
        }
        wasUp = true;
        if (asPrimary) {
            if (data().wasInRecovery()) {
                data().branch = data().branch.rewritten(data().end);
            }
            data().end += RECORD_BYTES;
            data().checkpointed();
            open(null);
        } else {
            run = Run.STANDBY;
            data().state = ControlFile.State.IN_ARCHIVE_RECOVERY;
            receiver.follow(loaded.following());
        }
        host.supervisor().ringSidecar();
    }

    private void open(@Nullable Branch from) {
        run = Run.PRIMARY;
        // Whoever serves commits from now on began after the last reload; the checkpointer did not.
        SynchronousSet last = enforced.getLast();
        enforced.removeIf(set -> !set.isEmpty() && !set.equals(last));
        data().state = ControlFile.State.IN_PRODUCTION;
        visible = data().end;
        world.tell(witness -> witness.onWritable(host, from));
    }

    /** Ends recovery on a new timeline, after what has been received is replayed. */
    void promote(long underEpoch) {
        if (run != Run.STANDBY) {
            return;
        }
        run = Run.PROMOTING;
        epoch = underEpoch;
        receiver.follow(null);
        long replay = world.chance().once(8) ? 1_500 : 150;
        life.after(
                world.chance().between(25, replay) * VirtualTime.MILLIS,
                () -> {
                    if (host.disk().isFull()) {
                        exit();
                        return;
                    }
                    Data data = data();
                    Branch from = data.branch;
                    data.branch = from.fork(data.end);
                    data.end += RECORD_BYTES;
                    data.hasStandbySignal = false;
                    pump();
                    life.after(2 * VirtualTime.MILLIS, () -> open(from));
                    life.after(
                            world.chance().between(100, 3_000) * VirtualTime.MILLIS,
                            data::checkpointed);
                });
    }

    /** SIGINT: clients go at once, a primary waits until its standbys have its last record. */
    void stopFast() {
        if (!hasPostmaster() || run == Run.STOPPING) {
            return;
        }
        boolean wasPrimary = run == Run.PRIMARY;
        boolean wasConsistent = run == Run.STANDBY;
        run = Run.STOPPING;
        waiting.clear();
        receiver.follow(null);
        life.after(
                world.chance().between(20, 120) * VirtualTime.MILLIS,
                () -> {
                    if (wasPrimary && host.disk().isFull()) {
                        exit();
                    } else if (wasPrimary) {
                        data().shutDown();
                        pump();
                        awaitReceivers(world.time().now() + SENDER_PATIENCE);
                    } else {
                        if (wasConsistent) {
                            data().state = ControlFile.State.SHUT_DOWN_IN_RECOVERY;
                        }
                        exit();
                    }
                });
    }

    private void awaitReceivers(long until) {
        long end = data().end;
        boolean areThere = true;
        for (Peer peer : peers.values()) {
            areThere &= peer.flushed >= end;
        }
        if (areThere || world.time().now() >= until) {
            exit();
        } else {
            life.after(20 * VirtualTime.MILLIS, () -> awaitReceivers(until));
        }
    }

    /** SIGQUIT, which a backend that hangs does not heed. */
    void stopImmediately(boolean isHanging) {
        if (!isHanging) {
            life.after(world.chance().between(2, 60) * VirtualTime.MILLIS, this::exit);
        }
    }

    private void exit() {
        kill();
        host.supervisor().ring();
    }

    /** SIGKILL to every process. */
    void kill() {
        life.kill();
        hasPostmaster = false;
        run = Run.DOWN;
        waiting.clear();
        receiver.stop();
        for (Peer peer : List.copyOf(peers.values())) {
            peer.stream.onSenderGone();
        }
        peers.clear();
    }

    /** SIGKILL to the postmaster alone: what is connected goes on, for a while. */
    void orphan() {
        if (!hasPostmaster()) {
            return;
        }
        hasPostmaster = false;
        if (run != Run.PRIMARY) {
            kill();
            return;
        }
        life.after(world.chance().between(5, 4_500) * VirtualTime.MILLIS, this::kill);
    }

    // Configuration.

    /** Processes read the new settings one after the other, the checkpointer perhaps last. */
    void reload() {
        OwnFiles.Role next = data().configured;
        SynchronousSet set = next.synchronous();
        loaded = next;
        if (run == Run.STANDBY) {
            life.after(
                    world.chance().between(1, 30) * VirtualTime.MILLIS,
                    () -> {
                        if (run == Run.STANDBY) {
                            receiver.follow(loaded.following());
                        }
                    });
        }
        if (!enforced.getLast().equals(set)) {
            enforced.add(set);
            life.after(world.chance().between(5, 700) * VirtualTime.MILLIS, () -> everywhere(set));
        }
    }

    /** Whether commits wait at all is the checkpointer's to say, which may have no time to read. */
    private void everywhere(SynchronousSet set) {
        if (!enforced.getLast().equals(set)) {
            return;
        }
        boolean isHeld = host.disk().holdsCheckpointer();
        enforced.removeIf(other -> !other.equals(set) && !(isHeld && other.isEmpty()));
        if (isHeld) {
            life.after(20 * VirtualTime.MILLIS, () -> everywhere(set));
        }
        acknowledge();
    }

    /** Whether it was told to let commits wait, and some may not. */
    public boolean isYetToWait() {
        return isToWait() && enforced.stream().anyMatch(SynchronousSet::isEmpty);
    }

    /** Whether whoever reads the settings now lets commits wait. */
    boolean isToWait() {
        return !enforced.getLast().isEmpty();
    }

    /**
     * A checkpoint that begins after a reload shows that the checkpointer has read the setting.
     *
     * @param wasToWait whether commits were to wait when it began
     */
    void checkpoint(boolean wasToWait) {
        data().checkpointed();
        SynchronousSet last = enforced.getLast();
        enforced.removeIf(set -> wasToWait && set.isEmpty() && !set.equals(last));
    }

    // Commits.

    public boolean takesWrites() {
        return run == Run.PRIMARY && !life.isDead() && !life.isFrozen();
    }

    /** Writes a commit, and calls back when a client may be told. */
    void commit(LongConsumer onDurable) {
        if (host.disk().isFull() && world.chance().once(4)) {
            // PANIC: it needed a new segment.
            exit();
            return;
        }
        Data data = data();
        data.end += RECORD_BYTES;
        waiting.add(new Waiting(data.end, onDurable));
        pump();
        life.after(world.chance().between(100, 800), this::acknowledge);
    }

    /** Whoever streams from this one, be it a standby itself, is sent what is new. */
    void pump() {
        for (Peer peer : peers.values()) {
            peer.stream.pump();
        }
    }

    void onFlushed(String name, long position) {
        Peer peer = peers.get(name);
        if (peer != null && position > peer.flushed) {
            peer.flushed = position;
            acknowledge();
        }
    }

    private void acknowledge() {
        if (!takesWrites()) {
            return;
        }
        Iterator<Waiting> all = waiting.iterator();
        while (all.hasNext()) {
            Waiting next = all.next();
            if (isShared(next.end())) {
                all.remove();
                visible = Math.max(visible, next.end());
                next.onDurable().accept(next.end());
            }
        }
    }

    private boolean isShared(long end) {
        for (SynchronousSet set : enforced) {
            int confirmed = 0;
            for (var member : set.members()) {
                Peer peer = peers.get(member.value());
                confirmed += peer != null && peer.flushed >= end ? 1 : 0;
            }
            if (confirmed >= set.quorum()) {
                return true;
            }
        }
        return false;
    }
}
