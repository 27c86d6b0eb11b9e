package io.matriarch.archiver.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        archiver =
                new WalArchiver(
                        PushSettings.of(
                                LAYOUT,
                                FakeWal.SIZE,
                                "node2/a",
                                wal.data(),
                                directory.resolve("spool")),
                        store,
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
}
