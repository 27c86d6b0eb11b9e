package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.IncrementBase;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.WalMark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An archive on paper, with segments of 1 MB. Segment n of the log is written in hour n: a commit
 * at hour 3.5 lies in the middle of segment 3, and the segment is archived at hour n + 1.
 */
public final class TestArchive {

    public static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("test"), new SystemIdentifier(42));

    private static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final List<BaseBackup> backups = new ArrayList<>();
    private final Map<WalSegment, Instant> segments = new TreeMap<>();
    private final Map<TimelineId, TimelineHistory> histories = new HashMap<>();
    private final Map<TimelineId, Instant> begun = new HashMap<>();
    private final List<Damage> damaged = new ArrayList<>();
    private Optional<TimelineId> committed = Optional.empty();

    public static Instant hour(double hours) {
        return BEGIN.plusSeconds((long) (hours * 3600));
    }

    public static Lsn position(double segment) {
        return new Lsn((long) (segment * SIZE.bytes()));
    }

    public static WalSegment segment(long timeline, long number) {
        return new WalSegment(new TimelineId(timeline), number, SIZE);
    }

    /** Archives segments, both ends included. */
    public TestArchive wal(long timeline, long first, long last) {
        for (long number = first; number <= last; number++) {
            segments.put(segment(timeline, number), hour(number + 1.0));
        }
        return this;
    }

    /** The store's clock need not be the server's. */
    public TestArchive stored(long timeline, long number, double hour) {
        segments.put(segment(timeline, number), hour(hour));
        return this;
    }

    public TestArchive without(long timeline, long number) {
        segments.remove(segment(timeline, number));
        return this;
    }

    public TestArchive damaged(String key) {
        damaged.add(new Damage(key, "damaged"));
        return this;
    }

    public void remove(WalSegment segment) {
        segments.remove(segment);
    }

    /** A timeline that leaves its parent. */
    public TestArchive branch(long timeline, long parent, double at) {
        List<TimelineHistory.Switch> switches = new ArrayList<>();
        TimelineHistory before = histories.get(new TimelineId(parent));
        if (before != null) {
            switches.addAll(before.switches());
        }
        switches.add(new TimelineHistory.Switch(new TimelineId(parent), position(at)));
        TimelineId id = new TimelineId(timeline);
        histories.put(id, new TimelineHistory(id, switches));
        begun.put(id, hour(at));
        return this;
    }

    /** Its file is gone; others may still tell of it. */
    public TestArchive withoutHistory(long timeline) {
        histories.remove(new TimelineId(timeline));
        begun.remove(new TimelineId(timeline));
        return this;
    }

    public TestArchive committed(long timeline) {
        committed = Optional.of(new TimelineId(timeline));
        return this;
    }

    /** A backup whose primary has left a mark half a segment after its stop. */
    public BaseBackup markedBackup(long timeline, double start, double stop) {
        return add(
                timeline,
                start,
                stop,
                Optional.of(
                        new WalMark(
                                new TimelineId(timeline), position(stop + 0.5), hour(stop + 0.4))),
                Optional.empty());
    }

    public BaseBackup backup(long timeline, double start, double stop) {
        return add(timeline, start, stop, Optional.empty(), Optional.empty());
    }

    /** One that is based on another. */
    public BaseBackup incremental(BaseBackup parent, double start, double stop) {
        long timeline = parent.wal().timeline().value();
        return add(timeline, start, stop, Optional.empty(), Optional.of(IncrementBase.of(parent)));
    }

    private BaseBackup add(
            long timeline,
            double start,
            double stop,
            Optional<WalMark> mark,
            Optional<IncrementBase> base) {
        BaseBackup backup =
                new BaseBackup(
                        base.isPresent() ? 2 : 1,
                        new BackupId(hour(start), backups.size()),
                        "test",
                        LAYOUT.cluster(),
                        LAYOUT.systemIdentifier(),
                        new BackupServer(150_000, SIZE, "node1", 1, false, true),
                        new BackupWal(
                                new TimelineId(timeline),
                                position(start),
                                position(stop),
                                hour(start),
                                hour(stop),
                                mark,
                                base),
                        new BackupTotals(1, 1, 1, hour(stop)),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
        backups.add(backup);
        return backup;
    }

    public void remove(BaseBackup backup) {
        backups.remove(backup);
    }

    public ArchiveFacts facts() {
        List<ListedObject> listing = new ArrayList<>();
        segments.forEach(
                (segment, time) -> listing.add(new ListedObject(LAYOUT.segment(segment), 1, time)));
        histories
                .keySet()
                .forEach(timeline ->
                        listing.add(new ListedObject(LAYOUT.history(timeline), 1, BEGIN)));
        List<BaseBackup> ordered = new ArrayList<>(backups);
        ordered.sort((one, other) -> one.stopTime().compareTo(other.stopTime()));
        WalInventory wal = WalInventory.of(SIZE, listing);
        List<Damage> all = new ArrayList<>(damaged);
        all.addAll(
                Damage.lostHistories(LAYOUT::history, wal, histories.values(), histories.keySet()));
        return new ArchiveFacts(ordered, wal, segments, histories, begun, all, committed);
    }
}
