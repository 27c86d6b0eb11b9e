package io.matriarch.archiver.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member that became primary on timeline 2, which left timeline 1 in its fifth segment. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BackfillTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);
    private static final TimelineId TWO = new TimelineId(2);
    private static final WriterEpoch EPOCH = new WriterEpoch(2);
    private static final String HISTORY = "1\t0/480000\tno recovery target specified\n";

    /** Timeline 1 left in its segment 2001. */
    private static final String LATE = "1\t0/7D180000\tno recovery target specified\n";

    @TempDir Path directory;
    private ObjectStore store;
    private FakeWal wal;
    private WalArchiver archiver;
    private final AtomicReference<Optional<WriterEpoch>> permission =
            new AtomicReference<>(Optional.of(EPOCH));

    @BeforeEach
    void a_primary_with_three_whole_segments_of_its_ancestor() throws IOException {
        store =
                ObjectStore.open(
                        StoreSettings.of(
                                new StoreLocation.Directory(
                                        Files.createDirectory(directory.resolve("store")))));
        wal = new FakeWal(directory.resolve("data"));
        for (int number = 1; number <= 3; number++) {
            wal.writeSegment(segment(number).name(), number);
        }
        wal.write(TWO.historyFileName(), HISTORY.getBytes(UTF_8));
        archiver = archiver(store);
    }

    private WalArchiver archiver(ObjectStore to) {
        return new WalArchiver(
                PushSettings.of(
                        LAYOUT, FakeWal.SIZE, "node2/a", wal.data(), directory.resolve("spool")),
                to,
                permission::get);
    }

    @AfterEach
    void close() {
        archiver.close();
    }

    private static WalSegment segment(long number) {
        return new WalSegment(TimelineId.FIRST, number, FakeWal.SIZE);
    }

    private BackfillReport backfill() throws InterruptedException {
        return archiver.backfill(TimelineHistory.parse(TWO, HISTORY), EPOCH);
    }

    private WalInventory inventory() {
        return WalInventory.of(FakeWal.SIZE, store.list(LAYOUT.walFolder()));
    }

    @Test
    void what_the_predecessor_left_unarchived_is_pushed_with_the_history()
            throws InterruptedException {
        BackfillReport report = backfill();

        assertThat(report.isContinuous()).as(report.toString()).isTrue();
        assertThat(report.pushed()).containsExactly(segment(1), segment(2), segment(3));
        assertThat(inventory().hasHistory(TWO)).isTrue();
        assertThat(inventory().missing(segment(1), segment(3))).isEmpty();
    }

    @Test
    void what_lies_there_is_not_trusted_before_it_is_durable() {
        ObjectStore failing =
                new WatchedStore(
                        store, call -> call.equals("settle " + LAYOUT.walFolder(TimelineId.FIRST)));
        try (WalArchiver archiver = archiver(failing)) {
            assertThatThrownBy(() -> archiver.backfill(TimelineHistory.parse(TWO, HISTORY), EPOCH))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("settle");
        }
    }

    @Test
    void a_permission_that_ends_leaves_it_to_be_done_again() throws InterruptedException {
        permission.set(Optional.empty());

        BackfillReport interrupted = backfill();

        assertThat(interrupted.isInterrupted()).isTrue();
        assertThat(interrupted.isContinuous()).isFalse();
        assertThat(interrupted.refused()).isEmpty();
        assertThat(store.list(LAYOUT.walFolder())).isEmpty();

        permission.set(Optional.of(EPOCH));

        assertThat(backfill().isContinuous()).isTrue();
    }

    @Test
    void a_permission_of_a_later_epoch_is_none_for_this_one() throws InterruptedException {
        permission.set(Optional.of(new WriterEpoch(3)));

        assertThat(backfill().isInterrupted()).isTrue();
    }

    @Test
    void a_segment_that_nobody_has_is_a_gap_by_name() throws IOException, InterruptedException {
        Files.delete(wal.data().resolve("pg_wal").resolve(segment(2).name()));

        BackfillReport report = backfill();

        assertThat(report.isContinuous()).isFalse();
        assertThat(report.isInterrupted()).isFalse();
        assertThat(report.missing()).containsExactly(new SegmentRange(segment(2), segment(2)));
    }

    @Test
    void a_history_that_did_not_arrive_is_not_passed_over()
            throws IOException, InterruptedException {
        Files.delete(wal.data().resolve("pg_wal").resolve(TWO.historyFileName()));

        assertThat(backfill().refused())
                .containsExactly("00000002.history: neither in the archive nor in pg_wal");
    }

    @Test
    void it_may_be_repeated() throws InterruptedException {
        backfill();

        BackfillReport again = backfill();

        assertThat(again.isContinuous()).isTrue();
        assertThat(again.pushed()).isEmpty();
    }

    @Test
    void a_gap_behind_what_this_member_has_is_found_in_a_long_archive()
            throws IOException, InterruptedException {
        for (long number = 1; number <= 3; number++) {
            Files.delete(wal.data().resolve("pg_wal").resolve(segment(number).name()));
        }
        wal.writeSegment(segment(2_000).name(), 1);
        wal.write(TWO.historyFileName(), LATE.getBytes(UTF_8));
        archived(segment(1), segment(1_500), segment(1_996), segment(1_998));

        BackfillReport report = archiver.backfill(TimelineHistory.parse(TWO, LATE), EPOCH);

        assertThat(report.pushed()).containsExactly(segment(2_000));
        assertThat(report.missing())
                .containsExactly(
                        new SegmentRange(segment(1_501), segment(1_995)),
                        new SegmentRange(segment(1_997), segment(1_997)),
                        new SegmentRange(segment(1_999), segment(1_999)));
    }

    @Test
    void a_gap_that_begins_far_behind_is_found_where_nothing_leads_up_to_this_member()
            throws IOException, InterruptedException {
        wal.writeSegment(segment(2_000).name(), 1);
        wal.write(TWO.historyFileName(), LATE.getBytes(UTF_8));
        for (long number = 1; number <= 3; number++) {
            Files.delete(wal.data().resolve("pg_wal").resolve(segment(number).name()));
        }
        archived(segment(1), segment(500));

        BackfillReport report = archiver.backfill(TimelineHistory.parse(TWO, LATE), EPOCH);

        assertThat(report.missing())
                .containsExactly(
                        new SegmentRange(segment(2), segment(499)),
                        new SegmentRange(segment(501), segment(1_999)));
    }

    private void archived(WalSegment... segments) {
        for (WalSegment segment : segments) {
            store.putIfAbsent(
                    LAYOUT.segment(segment),
                    Body.of(segment.name().getBytes(UTF_8)),
                    Metadata.NONE);
        }
    }

    /** Retention has left a pinned backup's stretch, and all from the newest backup on. */
    private void anIslandAndTheNewestBackup() {
        archived(1, 2);
        backup(TimelineId.FIRST, 1.1, 2.5);
        archived(6, 7);
        backup(TimelineId.FIRST, 6.1, 6.9);
    }

    @Test
    void what_was_pruned_behind_an_island_is_no_gap_and_does_not_come_back() throws Exception {
        anIslandAndTheNewestBackup();
        wal.writeSegment(segment(8).name(), 8);
        wal.writeSegment(segment(9).name(), 9);

        BackfillReport report = backfill(TWO, "1\t0/A80000\tno reason\n");

        assertThat(report.isContinuous()).as(report.toString()).isTrue();
        assertThat(report.pushed()).containsExactly(segment(8), segment(9));
    }

    @Test
    void a_gap_at_the_switch_is_named_beside_islands() throws Exception {
        anIslandAndTheNewestBackup();
        wal.writeSegment(segment(9).name(), 9);

        BackfillReport report = backfill(TWO, "1\t0/A80000\tno reason\n");

        assertThat(report.missing()).containsExactly(new SegmentRange(segment(8), segment(8)));
    }

    /** Nothing but its own stretch is there of it either; but everything after it should be. */
    @Test
    void the_newest_backup_is_no_island() throws Exception {
        archived(1, 2);
        backup(TimelineId.FIRST, 1.1, 2.5);
        archived(6, 6);
        backup(TimelineId.FIRST, 6.1, 6.9);
        // Of a timeline that the cluster has left behind.
        backup(new TimelineId(7), 11.1, 11.9);

        BackfillReport report = backfill(TWO, "1\t0/A80000\tno reason\n");

        assertThat(report.missing()).containsExactly(new SegmentRange(segment(7), segment(9)));
    }

    /** The window reaches back over it: it is no island, whatever else is newer. */
    @Test
    void a_hole_before_the_newest_backup_is_filled_or_named() throws Exception {
        archived(3, 5);
        backup(TimelineId.FIRST, 3.1, 3.9);
        archived(8, 9);
        backup(TimelineId.FIRST, 8.1, 8.9);
        wal.writeSegment(segment(6).name(), 6);

        BackfillReport report = backfill(TWO, "1\t0/A80000\tno reason\n");

        assertThat(report.pushed()).containsExactly(segment(6));
        assertThat(report.missing()).containsExactly(new SegmentRange(segment(7), segment(7)));
    }

    @Test
    void an_ancestor_of_which_only_an_island_is_left_has_no_gap() throws Exception {
        TimelineId three = new TimelineId(3);
        String history = "1\t0/480000\tno reason\n2\t0/880000\tno reason\n";
        archived(1, 2);
        backup(TimelineId.FIRST, 1.1, 2.5);
        wal.write(three.historyFileName(), history.getBytes(UTF_8));
        for (long number = 6; number <= 7; number++) {
            WalSegment segment = new WalSegment(TWO, number, FakeWal.SIZE);
            put(segment);
        }
        backup(TWO, 6.1, 6.9);

        BackfillReport report = backfill(three, history);

        assertThat(report.missing()).isEmpty();
        assertThat(report.isContinuous()).as(report.toString()).isTrue();
    }

    private BackfillReport backfill(TimelineId timeline, String history)
            throws InterruptedException {
        return archiver.backfill(TimelineHistory.parse(timeline, history), EPOCH);
    }

    private void archived(long first, long last) {
        for (long number = first; number <= last; number++) {
            put(segment(number));
        }
    }

    private void put(WalSegment segment) {
        store.putIfAbsent(
                LAYOUT.wal(new WalName.Segment(segment.timeline(), segment.name())),
                Body.of(new byte[1]),
                Metadata.NONE);
    }

    private void backup(TimelineId timeline, double start, double stop) {
        BackupId id = new BackupId(Instant.ofEpochSecond((long) (start * 3_600)), 1);
        BaseBackup backup =
                new BaseBackup(
                        BaseBackup.FORMAT,
                        id,
                        "test",
                        LAYOUT.cluster(),
                        LAYOUT.systemIdentifier(),
                        new BackupServer(150_000, FakeWal.SIZE, "node1", 1, false, true),
                        new BackupWal(
                                timeline,
                                position(start),
                                position(stop),
                                Instant.EPOCH,
                                Instant.EPOCH,
                                Optional.empty()),
                        new BackupTotals(1, 1, 1, Instant.EPOCH),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
        store.putIfAbsent(LAYOUT.backup(id), Body.of(RepositoryJson.write(backup)), Metadata.NONE);
    }

    private static Lsn position(double segment) {
        return new Lsn((long) (segment * FakeWal.SIZE.bytes()));
    }
}
