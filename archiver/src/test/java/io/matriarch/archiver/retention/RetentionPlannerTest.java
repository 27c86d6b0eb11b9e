package io.matriarch.archiver.retention;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.journal.BackupStart;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.retention.RetentionFacts.Unfinished;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
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

    /** The store's clock tells when what is newest arrived: no window has moved on beyond that. */
    @Test
    void a_primary_whose_clock_is_a_year_ahead_deletes_nothing_of_the_window() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        BaseBackup second = archive.backup(1, 6.5, 7.5);
        BaseBackup third = archive.backup(1, 11.5, 12.5);

        RetentionPlan plan =
                plan(RetentionPolicy.keep(1).withWindow(Duration.ofHours(10)), 21 + 365 * 24);

        assertThat(plan.kept()).containsExactly(second, third);
        assertThat(plan.wal()).containsExactly(range(1, 1, 5));
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
    void the_newest_of_the_last_days_weeks_months_and_years_that_have_one_stay() {
        archive.wal(1, 0, 9_500);
        for (int day = 0; day < 390; day += 3) {
            archive.backup(1, day * 24 + 1.5, day * 24 + 2.5);
            archive.backup(1, day * 24 + 12.5, day * 24 + 13.5);
        }

        RetentionPlan plan =
                plan(
                        RetentionPolicy.keep(1)
                                .with(Period.DAY, 2)
                                .with(Period.WEEK, 3)
                                .with(Period.MONTH, 2)
                                .with(Period.YEAR, 5),
                        390 * 24);

        assertThat(plan.kept())
                .extracting(backup -> backup.stopTime().toString())
                .containsExactly(
                        // The years and months, then the weeks, then the days; each may serve
                        // twice.
                        "2026-12-30T13:30:00Z",
                        "2027-01-08T13:30:00Z",
                        "2027-01-17T13:30:00Z",
                        "2027-01-20T13:30:00Z",
                        "2027-01-23T13:30:00Z");
    }

    @Test
    void days_are_those_of_the_zone() {
        BaseBackup evening = archive.wal(1, 1, 60).backup(1, 21.5, 22.5);
        BaseBackup midnight = archive.backup(1, 23.1, 23.5);
        BaseBackup newest = archive.backup(1, 47.1, 47.5);
        RetentionPolicy policy =
                new RetentionPolicy(
                        1,
                        Optional.empty(),
                        new Periods(Map.of(Period.DAY, 2), ZoneId.of("Europe/Zurich")),
                        1);

        assertThat(plan(policy, 61).kept()).containsExactly(midnight, newest);
        assertThat(
                        plan(
                                        new RetentionPolicy(
                                                1,
                                                Optional.empty(),
                                                new Periods(
                                                        Map.of(Period.DAY, 3),
                                                        ZoneId.of("Europe/Zurich")),
                                                1),
                                        61)
                                .kept())
                .containsExactly(evening, midnight, newest);
    }

    @Test
    void an_old_backup_outside_the_window_keeps_only_the_wal_that_makes_it_consistent() {
        archive.wal(1, 1, 80).backup(1, 2.5, 3.5);
        archive.backup(1, 30.5, 31.5);
        archive.backup(1, 55.5, 56.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(3).withWindow(Duration.ofHours(10)), 81);

        assertThat(plan.kept()).hasSize(3);
        assertThat(plan.wal()).containsExactly(range(1, 1, 1), range(1, 4, 29), range(1, 32, 54));
    }

    @Test
    void the_floor_stands_against_any_policy() {
        BaseBackup first = archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        BaseBackup second = archive.backup(1, 6.5, 7.5);
        BaseBackup third = archive.backup(1, 11.5, 12.5);

        assertThat(plan(RetentionPolicy.keep(1).withFloor(2), 21).kept())
                .containsExactly(second, third);
        assertThat(plan(RetentionPolicy.keep(1).withFloor(9), 21).kept())
                .containsExactly(first, second, third);
    }

    @Test
    void the_floor_counts_only_what_can_be_restored() {
        BaseBackup good = archive.wal(1, 1, 20).without(1, 7).backup(1, 2.5, 3.5);
        archive.backup(1, 6.5, 7.5);
        BaseBackup newest = archive.backup(1, 11.5, 12.5);

        assertThat(plan(RetentionPolicy.keep(1).withFloor(2), 21).kept())
                .containsExactly(good, newest);
    }

    @Test
    void no_wal_goes_while_a_backup_cannot_be_read() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        archive.backup(1, 11.5, 12.5);
        BackupId damaged = new BackupId(hour(1), 77);

        RetentionPlan plan =
                RetentionPlanner.plan(
                        new RetentionFacts(
                                archive.facts(),
                                Map.of(),
                                Set.of(damaged),
                                Map.of(),
                                Set.of(),
                                Map.of()),
                        RetentionPolicy.keep(1),
                        hour(21));

        assertThat(plan.wal()).isEmpty();
        assertThat(plan.garbage()).isEmpty();
    }

    @Test
    void wal_that_a_backup_still_being_taken_began_with_stays() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        archive.backup(1, 11.5, 12.5);
        BackupId running = new BackupId(hour(5), 5);

        RetentionPlan plan =
                RetentionPlanner.plan(
                        unfinished(
                                Map.of(
                                        running,
                                        new Unfinished(
                                                hour(6), true, BackupStart.at(position(7.5))))),
                        RetentionPolicy.keep(1),
                        hour(90));

        assertThat(plan.garbage()).isEmpty();
        assertThat(plan.wal()).containsExactly(range(1, 1, 6));
    }

    /** The restart point of a standby may lie before all that is kept. */
    @Test
    void all_wal_stays_while_nobody_knows_where_an_unfinished_backup_began() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        archive.backup(1, 11.5, 12.5);
        BackupId left = new BackupId(hour(19), 5);

        RetentionPlan plan =
                RetentionPlanner.plan(
                        unfinished(
                                Map.of(left, new Unfinished(hour(20), false, BackupStart.UNKNOWN))),
                        RetentionPolicy.keep(1),
                        hour(21));

        assertThat(plan.deleted()).hasSize(1);
        assertThat(plan.wal()).isEmpty();
    }

    /** A member that goes on below a tombstone finds it, and gives up; till then it stays. */
    @Test
    void a_folder_that_a_member_is_writing_stays_even_below_a_tombstone() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        archive.backup(1, 11.5, 12.5);
        BackupId running = new BackupId(hour(5), 5);

        RetentionPlan plan =
                RetentionPlanner.plan(
                        new RetentionFacts(
                                archive.facts(),
                                Map.of(
                                        running,
                                        new Unfinished(
                                                hour(6), true, BackupStart.at(position(5.5)))),
                                Set.of(),
                                Map.of(),
                                Set.of(running),
                                Map.of()),
                        RetentionPolicy.keep(1),
                        hour(90));

        assertThat(plan.garbage()).isEmpty();
        assertThat(plan.wal()).containsExactly(range(1, 1, 4));
    }

    @Test
    void an_abandoned_backup_holds_no_wal() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);
        archive.backup(1, 11.5, 12.5);
        BackupId left = new BackupId(hour(5), 5);

        RetentionPlan plan =
                RetentionPlanner.plan(
                        unfinished(
                                Map.of(
                                        left,
                                        new Unfinished(
                                                hour(6), false, BackupStart.at(position(5.5))))),
                        RetentionPolicy.keep(1),
                        hour(90));

        assertThat(plan.garbage()).containsExactly(left);
        assertThat(plan.wal()).containsExactly(range(1, 1, 10));
    }

    @Test
    void a_backup_before_a_switch_keeps_the_segment_of_the_timeline_that_has_it() {
        BaseBackup old = archive.wal(1, 1, 2).wal(2, 3, 40).branch(2, 1, 3.7).backup(1, 2.5, 3.5);
        archive.committed(2).backup(2, 30.5, 31.5);

        RetentionPlan plan = plan(RetentionPolicy.keep(1), 41, old);

        assertThat(plan.wal()).containsExactly(range(1, 1, 1), range(2, 4, 29));
    }

    @Test
    void a_policy_that_keeps_nothing_is_refused() {
        RetentionPolicy some = RetentionPolicy.keep(1);
        assertThatThrownBy(() -> some.withCount(0)).hasMessageContaining("keeps nothing");
        assertThatThrownBy(() -> some.withFloor(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> some.with(Period.WEEK, -1)).hasMessageContaining("0 or more");
        assertThatThrownBy(() -> some.withWindow(Duration.ZERO)).hasMessageContaining("positive");
    }

    @Test
    void arguments_stand_in_place_of_what_they_name_and_unknown_ones_are_refused() {
        RetentionPolicy policy =
                RetentionArguments.apply(
                        RetentionPolicy.DEFAULT.withFloor(2),
                        Map.of("keep-count", "3", "keep-window", "PT1H", "keep-daily", "4"));

        assertThat(policy.count()).isEqualTo(3);
        assertThat(policy.window()).contains(Duration.ofHours(1));
        assertThat(policy.periods().count(Period.DAY)).isEqualTo(4);
        assertThat(policy.floor()).isEqualTo(2);
        assertThatThrownBy(() -> RetentionArguments.apply(policy, Map.of("keep-everything", "yes")))
                .hasMessageContaining("keep-everything is unknown here");
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
                                        new Unfinished(hour(3), false, BackupStart.UNKNOWN),
                                        young,
                                        new Unfinished(hour(26), false, BackupStart.UNKNOWN))),
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
