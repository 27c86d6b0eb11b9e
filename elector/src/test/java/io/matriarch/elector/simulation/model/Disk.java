package io.matriarch.elector.simulation.model;

import io.matriarch.elector.enactment.BaseRestore;
import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A member's disk: its data directory, those that were set aside, and the marks beside them. */
public final class Disk {

    private static final Path PATH = Path.of("data");
    private static final Path KEPT = Path.of("kept");
    private static final int MOST_KEPT = 3;

    /** A log as it was. */
    private record Log(Branch branch, long end) {}

    private final Host host;
    private final World world;
    private final Map<Path, Data> asides = new LinkedHashMap<>();
    private final List<Log> kept = new ArrayList<>();

    @Nullable Data data;
    private @Nullable Lifetime restoring;
    private @Nullable Lifetime removing;
    private @Nullable Epoch reign;
    private @Nullable TimelineId told;
    private Repair repair = Repair.NONE;
    private Marks.@Nullable Finished finished;
    private int fillings;
    private int asidesEver;
    private int holdings;
    private int failings;
    private int held;
    private boolean isHanging;

    Disk(Host host, World world) {
        this.host = host;
        this.world = world;
    }

    public @Nullable Data data() {
        return data;
    }

    /** Whether a delta restore is under way: it holds the lock of the data directory. */
    boolean isGoneOver() {
        return restoring != null && !restoring.isDead();
    }

    public List<Data> asides() {
        return List.copyOf(asides.values());
    }

    /** Whether a directory that was set aside is being removed. */
    public boolean isRemoving() {
        Lifetime one = removing;
        return one != null && !one.isDead();
    }

    /** Is as if the data directory had replaced another one. */
    void leaveAside() {
        Data present = data;
        if (present != null) {
            setAside(new Data(present.system, present.branch, present.end));
        }
    }

    private void setAside(Data old) {
        asides.put(Path.of("aside-" + ++asidesEver), old);
    }

    public Repair repair() {
        return repair;
    }

    /** Whether the log of this data directory is kept as it is now. */
    public boolean keepsLogOf(Data known) {
        return kept.contains(new Log(known.branch, known.end));
    }

    /** Whoever looks into the data directory hangs. */
    void hang(boolean from) {
        isHanging = from;
    }

    /** Somebody empties the data directory. */
    void loseData() {
        data = null;
    }

    /** From now on nothing can be written that is not there already; negative to undo that. */
    void fill(int more) {
        fillings += more;
    }

    /** What the log has is removed, up to its end, and the archive has not got it. */
    void loseWal() {
        Data present = data;
        if (present != null && !present.isTorn) {
            present.goneBefore = present.end;
        }
    }

    /** From now on no checkpoint that is asked for comes to its end; negative to undo that. */
    void holdCheckpoints(int more) {
        holdings += more;
    }

    /** From now on every checkpoint that is asked for fails; negative to undo that. */
    void failCheckpoints(int more) {
        failings += more;
    }

    boolean failsCheckpoints() {
        return failings > 0;
    }

    /** Whether the checkpointer waits for the disk, and reads no settings meanwhile. */
    boolean holdsCheckpointer() {
        return holdings > 0 || failings > 0;
    }

    /** Waits with a checkpoint until it may end, or its server has. */
    void awaitCheckpoint(Lifetime asking, Lifetime server) {
        held++;
        try {
            while (holdings > 0 && !server.isDead()) {
                asking.sleep(20 * VirtualTime.MILLIS);
            }
        } finally {
            held--;
        }
    }

    /** Whether somebody waits for a checkpoint that does not come to its end. */
    public boolean isCheckpointHeld() {
        return holdings > 0 && held > 0;
    }

    public boolean isFull() {
        return fillings > 0;
    }

    static UncheckedIOException noSpace() {
        return new UncheckedIOException(new IOException("No space left on device"));
    }

    Data existing() {
        Data present = data;
        if (present == null) {
            throw new IllegalStateException("no data directory on " + host);
        }
        return present;
    }

    /** The files, as a process of this life uses them: each write takes its time. */
    OwnFiles files(Lifetime life) {
        return new FilesOn(life);
    }

    private final class FilesOn implements OwnFiles {

        private final Lifetime life;

        FilesOn(Lifetime life) {
            this.life = life;
        }

        @Override
        public Path path() {
            return PATH;
        }

        @Override
        public boolean isEmpty() {
            return data == null;
        }

        @Override
        public Optional<ControlFile> controlFile() {
            while (isHanging) {
                life.sleep(20 * VirtualTime.MILLIS);
            }
            return Optional.ofNullable(data)
                    .filter(present -> !present.isUnsealed)
                    .map(Data::controlFile);
        }

        @Override
        public Optional<TimelineHistory> history(TimelineId timeline) {
            if (timeline.equals(TimelineId.FIRST)) {
                return Optional.of(TimelineHistory.of(timeline));
            }
            return Optional.ofNullable(data)
                    .map(present -> present.branch.byNumber(timeline))
                    .map(Branch::history);
        }

        @Override
        public Optional<DivergentWal> divergence(TimelineHistory other, TimelineId told) {
            Data present = existing();
            TimelineHistory own = present.branch.at(present.end).history();
            return own.forkFrom(other, told)
                    .map(at ->
                            new DivergentWal(
                                    own, at, new Lsn(present.end), WalSegmentSize.DEFAULT));
        }

        /** As PostgreSQL has it: a crashed standby is not recovered by a rewind. */
        @Override
        public Optional<String> obstacleToRewind() {
            Data present = existing();
            return present.controlFile().obstacleToRewind(present.hasStandbySignal, true);
        }

        @Override
        public void configure(Role role) {
            settleWriting(life);
            existing().configured = role;
        }

        @Override
        public void adopt() {
            settleWriting(life);
        }

        @Override
        public List<String> initdb() {
            return List.of("initdb");
        }

        @Override
        public List<String> rewind(Endpoint source) {
            return List.of("pg_rewind", source.host());
        }

        @Override
        public List<String> copy(Endpoint source) {
            return List.of("pg_basebackup", source.host());
        }
    }

    /** What a member gets from the archive. */
    BaseRestore archive(Lifetime life) {
        return new ArchiveFor(life);
    }

    /**
     * Its newest base backup, and the WAL since, end anywhere in the log of the primary; or there
     * is but the oldest one, or nothing that helps, or that is fast enough.
     */
    private final class ArchiveFor implements BaseRestore {

        private final Lifetime life;

        ArchiveFor(Lifetime life) {
            this.life = life;
        }

        @Override
        public boolean restoreNewest(SystemIdentifier cluster, Path directory) {
            if (!world.plan().needsArchive() || !world.chance().once(2)) {
                return false;
            }
            Data known = world.dataOf(cluster);
            if (known == null || data != null) {
                return false;
            }
            Data built = archived(known);
            built.isTorn = true;
            data = built;
            life.sleep(world.chance().between(150, 1_500) * VirtualTime.MILLIS);
            built.isTorn = false;
            return true;
        }

        @Override
        public Optional<String> restoreOver(SystemIdentifier cluster, Path directory) {
            Data own = existing();
            if (host.postgres().holdsLock() || host.supervisor().programs().isRunning()) {
                return Optional.of("its lock is held");
            }
            restoring = life;
            try {
                return goOver(own);
            } finally {
                restoring = null;
            }
        }

        private Data archived(Data known) {
            ClusterState state = world.state();
            if (state == null || world.chance().once(3)) {
                return known.base();
            }
            Data newest = world.host(state.primary().value()).disk().data();
            if (newest == null || newest.goneBefore > 0) {
                return known.base();
            }
            long began = Math.max(Data.FIRST_END, state.lineage().switchedAt().value());
            return newest.at(world.chance().between(Math.min(began, newest.end), newest.end));
        }

        private Optional<String> goOver(Data own) {
            long course = world.chance().between(0, 11);
            if (course < 3) {
                return Optional.of("no base backup");
            }
            if (!own.isUnsealed) {
                world.tell(witness -> witness.onOverwritten(host, own));
            }
            own.isTorn = true;
            own.isUnsealed = true;
            life.sleep(world.chance().between(150, 1_500) * VirtualTime.MILLIS);
            if (course < 5) {
                return Optional.of("the store does not answer");
            }
            own.take(archived(own));
            own.isUnsealed = false;
            own.isTorn = false;
            return Optional.empty();
        }
    }

    /** A new file, or a longer one; to remove and to rename takes no space. */
    private void settleWriting(Lifetime life) {
        settle(life);
        if (isFull()) {
            throw noSpace();
        }
    }

    private void settle(Lifetime life) {
        life.sleep(world.chance().between(50, 1500));
    }

    Marks marks(Lifetime life) {
        return new MarksBeside(life);
    }

    private final class MarksBeside implements Marks {

        private final Lifetime life;

        MarksBeside(Lifetime life) {
            this.life = life;
        }

        @Override
        public Optional<Epoch> reign() {
            return Optional.ofNullable(reign);
        }

        @Override
        public Optional<TimelineId> toldTimeline() {
            return Optional.ofNullable(told);
        }

        @Override
        public void noteReign(Epoch epoch, TimelineId timeline) {
            settleWriting(life);
            reign = epoch;
            told = timeline;
        }

        @Override
        public Repair repair() {
            return repair;
        }

        @Override
        public void noteRepair(Repair next) {
            settleWriting(life);
            world.tell(witness -> witness.onRepair(host));
            repair = next;
        }

        @Override
        public Optional<Finished> finished() {
            return Optional.ofNullable(finished);
        }

        @Override
        public void noteFinished(Finished last) {
            settleWriting(life);
            finished = last;
        }

        @Override
        public void noteProven() {
            settle(life);
            finished = null;
        }

        @Override
        public void noteStandby() {
            settle(life);
            repair = Repair.NONE;
            settle(life);
            reign = null;
            told = null;
        }

        @Override
        public void noteSound() {
            settle(life);
            repair = Repair.NONE;
        }

        @Override
        public void setAside(Path directory) {
            settle(life);
            Data moved = data;
            if (moved != null) {
                Disk.this.setAside(moved);
                data = null;
            }
        }

        @Override
        public Optional<Path> keepWal(Epoch epoch, Path directory, DivergentWal wal) {
            settleWriting(life);
            if (wal.bytes() == 0) {
                return Optional.empty();
            }
            Data present = existing();
            Log log = new Log(present.branch, present.end);
            if (!kept.contains(log)) {
                kept.add(log);
            }
            settle(life);
            return Optional.of(PATH);
        }

        @Override
        public void partKeptWal(Path directory) {
            settleWriting(life);
        }

        @Override
        public List<Path> asides() {
            List<Path> all = new ArrayList<>(asides.keySet());
            if (kept.size() > MOST_KEPT) {
                all.add(KEPT);
            }
            return all;
        }

        /** A kill leaves what has not been removed to the end; one in two disks are slow. */
        @Override
        public void remove(List<Path> doomed) {
            settle(life);
            for (Path path : doomed) {
                Data removed = asides.get(path);
                if (path.equals(KEPT)) {
                    kept.subList(0, Math.max(0, kept.size() - MOST_KEPT)).clear();
                } else if (removed != null) {
                    world.tell(witness -> witness.onRemoved(host, removed));
                    Lifetime before = removing;
                    removing = life;
                    life.sleep(removalTime());
                    removing = before;
                    asides.remove(path);
                }
            }
        }

        private long removalTime() {
            return world.plan().removesForLong()
                    ? 60 * VirtualTime.SECONDS
                    : world.chance().between(0, world.chance().once(2) ? 8_000 : 20)
                            * VirtualTime.MILLIS;
        }
    }
}
