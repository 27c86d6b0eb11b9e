package io.matriarch.archiver.retention;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.WalSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RetentionPlannerTest {

    private final TestArchive archive = new TestArchive();

    @Test
    void the_newest_are_kept_by_count_and_wal_from_the_oldest_of_them() {
        BaseBackup first = archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        BaseBackup second = archive.backup(1, 6.5, 7.5);
        BaseBackup third = archive.backup(1, 11.5, 12.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(2), 21);

        assertThat(plan.kept()).containsExactly(second, third);
        assertThat(plan.deleted()).containsExactly(first);
        assertThat(plan.wal()).containsExactly(range(1, 1, 5));
    }

    @Test
    void the_window_keeps_the_backup_from_which_its_beginning_is_reached() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        BaseBackup second = archive.backup(1, 6.5, 7.5);
        BaseBackup third = archive.backup(1, 11.5, 12.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(1).withWindow(Duration.ofHours(10)), 21);

        assertThat(plan.kept()).containsExactly(second, third);
    }

    @Test
    void a_backup_that_cannot_be_restored_does_not_count() {
        BaseBackup good = archive.wal(1, 1, 20).without(1, 7).backup(1, 2.5, 3.5);
        archive.backup(1, 6.5, 7.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(1), 21);

        assertThat(plan.kept()).contains(good);
        assertThat(plan.wal()).containsExactly(range(1, 1, 1));
    }

    @Test
    void nothing_goes_before_there_is_a_backup() {
        archive.wal(1, 1, 20);

        assertThat(plan(RetentionPolicy.keep(1), 21).isEmpty()).isTrue();
    }

    @Test
    void nothing_goes_while_the_lineage_is_unclear() {
        archive.wal(1, 1, 20).branch(2, 1, 15).branch(3, 1, 16).backup(1, 2.5, 3.5);
        archive.backup(1, 6.5, 7.5);

        assertThat(plan(RetentionPolicy.keep(1), 21).isEmpty()).isTrue();
    }

    @Test
    void a_pinned_backup_keeps_itself_and_its_own_wal() {
        BaseBackup pinned = archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        archive.backup(1, 6.5, 7.5);
        BaseBackup newest = archive.backup(1, 11.5, 12.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(1).withPinned(Set.of(pinned.id())), 21);

        assertThat(plan.kept()).containsExactly(pinned, newest);
        assertThat(plan.wal()).containsExactly(range(1, 1, 1), range(1, 4, 10));
    }

    @Test
    void order_is_by_recorded_time_and_not_by_timeline() {
        archive.wal(1, 1, 9).wal(2, 5, 20).branch(2, 1, 5.5).backup(2, 8.5, 9.5);
        archive.backup(1, 2.5, 3.5);
        BaseBackup newest = archive.backup(2, 14.5, 15.5);

        assertThat(plan(RetentionPolicy.keep(1), 21).kept()).containsExactly(newest);
    }

    @Test
    void a_newer_backup_of_a_branch_that_was_given_up_stays_with_its_wal() {
        BaseBackup good =
                archive.wal(1, 1, 20).wal(2, 9, 20).branch(2, 1, 9.5).backup(2, 12.5, 13.5);
        BaseBackup stray = archive.committed(2).backup(1, 14.5, 15.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(1), 21);

        assertThat(plan.kept()).containsExactly(good, stray);
        assertThat(plan.wal()).containsExactly(range(1, 1, 11), range(2, 9, 11));
    }

    @Test
    void incomplete_backups_go_after_a_day_without_news() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        BackupId old = new BackupId(hour(1), 1);
        BackupId young = new BackupId(hour(2), 2);

        RetentionPlan plan =
                RetentionPlanner.plan(
                        new RetentionFacts(archive.facts(), Map.of(old, hour(3), young, hour(26))),
                        RetentionPolicy.keep(1),
                        hour(30));

        assertThat(plan.garbage()).containsExactly(old);
    }

    /** Whatever happens, what is promised stays restorable, by the same plan as any restore. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void every_kept_backup_and_the_promised_window_restore_after_any_history(long seed) {
        Random random = new Random(seed);
        long timeline = 1;
        double position = 1;
        archive.wal(1, 0, 1);
        for (int round = 0; round < 40; round++) {
            long before = (long) position;
            position += 1 + random.nextInt(6) + random.nextInt(10) / 10.0;
            archive.wal(timeline, before, (long) position);
            switch (random.nextInt(4)) {
                case 0 -> {
                    archive.branch(timeline + 1, timeline, position);
                    // What the old primary wrote behind the switch is archived too, now and then.
                    archive.wal(timeline, (long) position, (long) position + random.nextInt(3));
                    timeline++;
                    archive.wal(timeline, (long) position, (long) position);
                }
                case 1, 2 -> {
                    archive.wal(timeline, (long) position, (long) position + 2);
                    archive.backup(timeline, position + 0.2, position + 1.2);
                    position += 2;
                }
                default -> pruneAndCheck(random, timeline, position);
            }
        }
    }

    private void pruneAndCheck(Random random, long timeline, double position) {
        archive.committed(timeline);
        Instant now = hour(position + 1);
        Duration window = Duration.ofHours(1 + random.nextInt(40));
        List<BaseBackup> all = archive.facts().backups();
        Set<BackupId> pinned =
                all.isEmpty() ? Set.of() : Set.of(all.get(random.nextInt(all.size())).id());
        RetentionPolicy policy =
                new RetentionPolicy(1 + random.nextInt(3), Optional.of(window), pinned);
        List<RestoreRequest> promised = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RestoreRequest request =
                    RestoreRequest.of(
                            new RestoreTarget.PointInTime(
                                    now.minusSeconds(random.nextLong(window.toSeconds())), true));
            if (isPlanned(request)) {
                promised.add(request);
            }
        }

        RetentionPlan plan =
                RetentionPlanner.plan(new RetentionFacts(archive.facts(), Map.of()), policy, now);
        int restorable = Math.min(policy.count(), restorableBackups());
        forget(plan);

        assertThat(promised).allMatch(this::isPlanned);
        assertThat(restorableBackups()).isGreaterThanOrEqualTo(restorable);
        for (BackupId pin : pinned) {
            assertThat(archive.facts().backups()).extracting(BaseBackup::id).contains(pin);
        }
        assertThat(plan.kept()).allMatch(this::isRestorableByItself);
    }

    private int restorableBackups() {
        RestorePlanner planner = new RestorePlanner(archive.facts());
        return planner.defaultLineage().map(it -> planner.restorable(it).size()).orElse(0);
    }

    private boolean isPlanned(RestoreRequest request) {
        return new RestorePlanner(archive.facts()).plan(request) instanceof Planning.Planned;
    }

    private boolean isRestorableByItself(BaseBackup backup) {
        return isPlanned(
                new RestoreRequest(
                        new RestoreTarget.Immediate(),
                        Optional.of(backup.wal().timeline()),
                        Optional.of(backup.id())));
    }

    private void forget(RetentionPlan plan) {
        plan.deleted().forEach(archive::remove);
        for (SegmentRange range : plan.wal()) {
            WalSegment segment = range.first();
            while (segment.compareTo(range.last()) <= 0) {
                archive.remove(segment);
                segment = segment.next();
            }
        }
    }

    private static SegmentRange range(long timeline, long first, long last) {
        return new SegmentRange(segment(timeline, first), segment(timeline, last));
    }

    private RetentionPlan plan(RetentionPolicy policy, double now) {
        return RetentionPlanner.plan(
                new RetentionFacts(archive.facts(), Map.of()), policy, hour(now));
    }
}
