package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.IncrementBase;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.journal.JournalPage;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A cluster that lives in a hurry: it writes, fails over, loses segments and takes backups, and its
 * repository is a real one in a store in memory. Positions are bytes, segments are of 1 MB.
 */
final class World {

    static final RepositoryLayout LAYOUT = TestArchive.LAYOUT;
    static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);

    /** Where a timeline begins. */
    record Branch(long parent, long at) {}

    record Commit(Instant time, long timeline, long position) {}

    record Taken(
            BackupId id,
            long timeline,
            long start,
            long stop,
            Instant stopTime,
            Optional<BackupId> parent) {}

    private record Running(
            BackupId id,
            long timeline,
            long start,
            Instant startTime,
            Optional<BaseBackup> parent) {}

    final MemoryStore store = new MemoryStore();
    final Map<Long, Branch> branches = new TreeMap<>();
    final List<Commit> commits = new ArrayList<>();
    final List<Taken> taken = new ArrayList<>();
    final Set<WalSegment> lost = new HashSet<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    long timeline = 1;
    private final Random random;
    private long position = 3 << 19;
    private long nextToArchive = 1;
    private final List<Running> running = new ArrayList<>();
    private int backups;

    World(Random random) {
        this.random = random;
        store.put(LAYOUT.claim(), new byte[1]);
        store.put(LAYOUT.epoch(1), new byte[1]);
        store.put(
                new RepositoryLayout(LAYOUT.cluster(), new SystemIdentifier(7))
                        .segment(new WalSegment(new TimelineId(1), 0, SIZE)),
                new byte[1]);
    }

    Set<BackupId> running() {
        return running.stream().map(Running::id).collect(Collectors.toSet());
    }

    void pass(Duration time) {
        now = now.plus(time);
        store.at(now);
    }

    void write() {
        pass(Duration.ofMinutes(10 + random.nextInt(600)));
        position += 1 + random.nextInt(4 << 20);
        commits.add(new Commit(now, timeline, position));
        archive();
    }

    private void archive() {
        for (; nextToArchive < position >> 20; nextToArchive++) {
            WalSegment segment = new WalSegment(new TimelineId(timeline), nextToArchive, SIZE);
            if (random.nextInt(60) == 0) {
                lost.add(segment);
            } else {
                store.put(LAYOUT.segment(segment), new byte[1]);
            }
        }
    }

    /** Another member takes over, and may lack the last that was written. */
    void failOver() {
        Branch branch = branches.get(timeline);
        long lowest = branch == null ? 3 << 19 : branch.at() + 1;
        position = Math.max(position, lowest);
        long at = Math.max(lowest, position - random.nextInt(random.nextInt(5) == 0 ? 6 << 20 : 9));
        if (random.nextBoolean()) {
            WalSegment last = new WalSegment(new TimelineId(timeline), position >> 20, SIZE);
            store.put(
                    LAYOUT.walFolder(last.timeline()) + last.name() + ".partial.zst", new byte[1]);
        }
        long next = timeline + 1;
        branches.put(next, new Branch(timeline, at));
        store.put(LAYOUT.history(new TimelineId(next)), history(next));
        timeline = next;
        position = at;
        nextToArchive = at >> 20;
        running.clear();
        pass(Duration.ofMinutes(1));
    }

    private byte[] history(long of) {
        StringBuilder text = new StringBuilder();
        Branch branch = branches.get(of);
        if (branch != null) {
            text.append(new String(history(branch.parent()), StandardCharsets.US_ASCII))
                    .append(branch.parent())
                    .append('\t')
                    .append(new Lsn(branch.at()))
                    .append("\tno reason\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Begins a backup; of three at a time the first is given up. */
    void beginBackup() {
        pass(Duration.ofMinutes(2));
        BackupId id = new BackupId(now, backups++);
        if (running.size() == 2) {
            running.removeFirst();
        }
        long start = start();
        Optional<BaseBackup> parent = parent(start);
        running.add(new Running(id, timeline, start, now, parent));
        note(id, 0, Optional.empty(), parent);
        if (random.nextInt(8) > 0) {
            note(id, 1, Optional.of(new Lsn(start)), parent);
            store.put(LAYOUT.bundle(id, 0), new byte[1]);
        }
    }

    /** The newest that is there, if it serves; or none, for the full ones of a schedule. */
    private Optional<BaseBackup> parent(long start) {
        Oracle oracle = new Oracle(this);
        List<Taken> listed = oracle.listed();
        return random.nextInt(3) == 0 || listed.isEmpty()
                ? Optional.empty()
                : Optional.of(listed.getLast())
                        .filter(it -> it.timeline() == timeline && it.stop() <= start)
                        .filter(oracle::isWhole)
                        .flatMap(it -> Backups.find(store, LAYOUT, it.id()));
    }

    private void note(BackupId id, int page, Optional<Lsn> start, Optional<BaseBackup> parent) {
        store.put(
                LAYOUT.journal(id, page),
                new JournalPage(
                                1,
                                "node1",
                                new TimelineId(timeline),
                                start,
                                List.of(),
                                parent.map(BaseBackup::id))
                        .toBytes(Keyring.NONE));
    }

    /** A standby begins at its last restart point, which may lie before other backups' ends. */
    private long start() {
        Branch branch = branches.get(timeline);
        long lowest = branch == null ? 3 << 19 : branch.at();
        long wanted =
                random.nextBoolean()
                        ? position
                        : Math.max(lowest, position - random.nextInt(24 << 20));
        long start = position;
        while (start > wanted && !wasPruned((start - 1) >> 20)) {
            start = Math.max(wanted, ((start - 1) >> 20) << 20);
        }
        return start;
    }

    private boolean wasPruned(long number) {
        WalSegment segment = new WalSegment(new TimelineId(timeline), number, SIZE);
        return number < nextToArchive
                && !lost.contains(segment)
                && !store.holds(LAYOUT.segment(segment));
    }

    /** Whole, if no segment was lost meanwhile; what retention has deleted is no excuse. */
    void endBackup() {
        if (running.isEmpty()) {
            return;
        }
        Running run = running.remove(random.nextInt(running.size()));
        pass(Duration.ofMinutes(1));
        position += 1000;
        long stop = position;
        Instant stopTime = now;
        position = ((position >> 20) + 1) << 20;
        archive();
        pass(Duration.ofMinutes(1));
        BackupWal wal =
                new BackupWal(
                        new TimelineId(timeline),
                        new Lsn(run.start()),
                        new Lsn(stop),
                        run.startTime(),
                        stopTime,
                        Optional.empty(),
                        run.parent().map(IncrementBase::of));
        Optional<BackupId> parent = run.parent().map(BaseBackup::id);
        if (parent.isPresent() && !store.holds(LAYOUT.backup(parent.get()))) {
            throw new AssertionError(
                    "running backup " + run.id() + " has lost " + parent.get() + " to a pruning");
        }
        for (WalSegment segment : wal.segments(SIZE)) {
            if (lost.contains(segment)) {
                return;
            }
            if (!store.holds(LAYOUT.segment(segment))) {
                throw new AssertionError(
                        "running backup " + run.id() + " has lost " + segment + " to a pruning");
            }
        }
        store.put(LAYOUT.bundle(run.id(), 0), new byte[1]);
        store.put(LAYOUT.manifest(run.id()), new byte[1]);
        store.put(
                LAYOUT.backup(run.id()),
                RepositoryJson.write(
                        new BaseBackup(
                                BaseBackup.format(wal),
                                run.id(),
                                "test",
                                LAYOUT.cluster(),
                                LAYOUT.systemIdentifier(),
                                new BackupServer(150_000, SIZE, "node1", 1, false, true),
                                wal,
                                new BackupTotals(1, 1, 1, now),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(
                                        new BackupObject(RepositoryLayout.bundleName(0), 1, ""),
                                        new BackupObject("manifest.json.zst", 1, "")))));
        taken.add(new Taken(run.id(), timeline, run.start(), stop, stopTime, parent));
    }

    Optional<Taken> anyBackup() {
        List<Taken> listed = new Oracle(this).listed();
        return listed.isEmpty()
                ? Optional.empty()
                : Optional.of(listed.get(random.nextInt(listed.size())));
    }
}
