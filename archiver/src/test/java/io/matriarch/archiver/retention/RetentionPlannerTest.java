package io.matriarch.archiver.retention;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.retention.RetentionFacts.Unfinished;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

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

        RetentionPlan plan = plan(RetentionPolicy.keep(1), 21, pinned);

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
                        unfinished(
                                Map.of(
                                        old,
                                        new Unfinished(hour(3), false),
                                        young,
                                        new Unfinished(hour(26), false))),
                        RetentionPolicy.keep(1),
                        hour(30));

        assertThat(plan.garbage()).containsExactly(old);
    }

    private static SegmentRange range(long timeline, long first, long last) {
        return new SegmentRange(segment(timeline, first), segment(timeline, last));
    }

    private RetentionPlan plan(RetentionPolicy policy, double now, BaseBackup... pinned) {
        return RetentionPlanner.plan(
                RetentionFacts.of(archive.facts())
                        .withPins(
                                Stream.of(pinned)
                                        .collect(
                                                Collectors.toMap(
                                                        BaseBackup::id,
                                                        it -> new Pin(it.id(), "", hour(0))))),
                policy,
                hour(now));
    }

    private RetentionFacts unfinished(Map<BackupId, Unfinished> folders) {
        return new RetentionFacts(archive.facts(), folders, Set.of(), Map.of(), Set.of(), Map.of());
    }
}
