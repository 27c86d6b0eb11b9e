package io.matriarch.archiver.planning;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.RecoveryWindow.Stretch;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WindowSurveyTest {

    private final TestArchive archive = new TestArchive();

    @Test
    void an_empty_archive_has_no_timelines() {
        RecoveryWindow window = WindowSurvey.of(archive.facts());

        assertThat(window.timelines()).isEmpty();
        assertThat(window.followed()).isEmpty();
    }

    @Test
    void wal_before_the_first_backup_is_not_reachable() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        assertThat(only().stretches())
                .containsExactly(
                        new Stretch(hour(2), hour(3.5), position(1), position(3.5), false),
                        new Stretch(hour(3.5), hour(10), position(3.5), position(10), true));
    }

    @Test
    void no_stretch_ends_before_it_begins_though_the_clock_of_the_store_is_behind() {
        archive.wal(1, 1, 3).stored(1, 3, 3.4).backup(1, 2.5, 3.5);

        assertThat(only().stretches())
                .containsExactly(
                        new Stretch(hour(2), hour(3.5), position(1), position(3.5), false),
                        new Stretch(hour(3.5), hour(3.5), position(3.5), position(4), true));
        assertThat(only().stretches()).noneMatch(it -> it.to().isBefore(it.from()));
    }

    @Test
    void behind_a_gap_nothing_is_reachable_until_the_next_backup() {
        archive.wal(1, 1, 20).without(1, 6).without(1, 7).backup(1, 1.5, 2.5);
        archive.backup(1, 11.5, 12.5);

        assertThat(only().gaps())
                .containsExactly(
                        new Gap(new SegmentRange(segment(1, 6), segment(1, 7)), hour(6), hour(9)));
        assertThat(only().stretches())
                .extracting(Stretch::fromLsn, Stretch::toLsn, Stretch::isReachable)
                .containsExactly(
                        row(1, 2.5, false),
                        row(2.5, 6, true),
                        row(8, 12.5, false),
                        row(12.5, 21, true));
    }

    @Test
    void a_backup_that_lacks_its_own_wal_is_marked_and_makes_nothing_reachable() {
        archive.wal(1, 1, 9).without(1, 3).backup(1, 2.5, 3.5);

        assertThat(only().backups()).noneMatch(RecoveryWindow.Mark::isRestorable);
        assertThat(only().stretches()).noneMatch(Stretch::isReachable);
    }

    @Test
    void each_timeline_has_what_lies_behind_its_origin() {
        archive.wal(1, 1, 7).wal(2, 5, 9).branch(2, 1, 5.5).committed(2).backup(1, 1.5, 2.5);

        RecoveryWindow window = WindowSurvey.of(archive.facts());

        assertThat(window.followed()).contains(new TimelineId(2));
        assertThat(window.timelines()).hasSize(2);
        Strand first = window.timelines().getFirst();
        Strand second = window.timelines().getLast();
        assertThat(first.stretches())
                .extracting(Stretch::fromLsn, Stretch::toLsn, Stretch::isReachable)
                .containsExactly(row(1, 2.5, false), row(2.5, 8, true));
        assertThat(second.origin())
                .hasValueSatisfying(it -> assertThat(it.at()).isEqualTo(position(5.5)));
        assertThat(second.stretches())
                .containsExactly(
                        new Stretch(hour(5.5), hour(10), position(5.5), position(10), true));
        assertThat(second.gaps()).isEmpty();
    }

    @Test
    void a_hole_at_the_switch_is_a_gap_of_the_new_timeline() {
        archive.wal(1, 1, 5).wal(2, 7, 9).branch(2, 1, 5.5).backup(1, 1.5, 2.5);

        Strand second = WindowSurvey.of(archive.facts()).timelines().getLast();

        assertThat(second.gaps())
                .extracting(Gap::missing)
                .containsExactly(new SegmentRange(segment(2, 5), segment(2, 6)));
        assertThat(second.stretches()).noneMatch(Stretch::isReachable);
    }

    @Test
    void what_lacks_before_the_switch_is_a_gap_of_the_timeline_that_was_left() {
        archive.wal(1, 1, 3).wal(2, 6, 9).branch(2, 1, 6.5).committed(2).backup(1, 1.5, 2.5);

        RecoveryWindow window = WindowSurvey.of(archive.facts());

        assertThat(window.timelines().getFirst().gaps())
                .containsExactly(
                        new Gap(
                                new SegmentRange(segment(1, 4), segment(1, 5)),
                                hour(4),
                                hour(6.5)));
        assertThat(window.timelines().getLast().gaps()).isEmpty();
    }

    /** Segment 6 goes on, from its beginning, on timeline 2. */
    @ParameterizedTest
    @CsvSource({"6.0, 5", "6.01, 5", "6.99, 5", "7.0, 6"})
    void the_segment_in_which_a_timeline_is_left_is_not_expected_of_it(double at, long last) {
        archive.wal(1, 1, last).wal(2, (long) at, 9).branch(2, 1, at).backup(1, 1.5, 2.5);

        assertThat(gaps(1)).isEmpty();
        assertThat(gaps(2)).isEmpty();

        archive.without(1, last);

        assertThat(gaps(1)).containsExactly(new SegmentRange(segment(1, last), segment(1, last)));
        assertThat(gaps(2)).isEmpty();
    }

    @Test
    void nothing_that_follows_a_backup_up_to_the_switch_is_a_gap_from_its_start_on() {
        archive.wal(2, 6, 9).branch(2, 1, 6.5).backup(1, 2.5, 3.5);

        assertThat(WindowSurvey.of(archive.facts()).timelines().getFirst().gaps())
                .containsExactly(
                        new Gap(
                                new SegmentRange(segment(1, 2), segment(1, 5)),
                                hour(2.5),
                                hour(6.5)));
    }

    @Test
    void a_timeline_of_which_nothing_came_is_a_gap_from_switch_to_switch() {
        archive.wal(1, 1, 4).wal(3, 8, 9).branch(2, 1, 5.5).branch(3, 2, 8.5);
        archive.backup(1, 1.5, 2.5);

        assertThat(gaps(1)).isEmpty();
        assertThat(gaps(2)).containsExactly(new SegmentRange(segment(2, 5), segment(2, 7)));
        assertThat(gaps(3)).isEmpty();
    }

    @Test
    void two_switches_in_one_segment_leave_no_gap() {
        archive.wal(1, 1, 4).wal(3, 5, 9).branch(2, 1, 5.3).branch(3, 2, 5.6);
        archive.backup(1, 1.5, 2.5);

        assertThat(gaps(1)).isEmpty();
        assertThat(gaps(2)).isEmpty();
        assertThat(gaps(3)).isEmpty();
    }

    @Test
    void of_several_that_left_a_timeline_the_last_says_how_far_it_is_expected() {
        archive.wal(1, 1, 6).wal(2, 4, 5).wal(3, 9, 12).branch(2, 1, 4.5).branch(3, 1, 9.5);
        archive.backup(1, 1.5, 2.5);

        assertThat(WindowSurvey.of(archive.facts()).timelines().getFirst().gaps())
                .containsExactly(
                        new Gap(
                                new SegmentRange(segment(1, 7), segment(1, 8)),
                                hour(7),
                                hour(9.5)));
    }

    @Test
    void a_gap_is_shown_though_only_a_descendant_tells_of_the_switch() {
        archive.wal(1, 1, 3).wal(3, 8, 9).branch(2, 1, 6.5).branch(3, 2, 8.5).withoutHistory(2);
        archive.backup(1, 1.5, 2.5);

        assertThat(gaps(1)).containsExactly(new SegmentRange(segment(1, 4), segment(1, 5)));
        assertThat(gaps(2)).containsExactly(new SegmentRange(segment(2, 6), segment(2, 7)));
    }

    @Test
    void what_retention_has_deleted_of_ancestors_is_no_gap() {
        archive.wal(3, 12, 20).branch(2, 1, 5.5).branch(3, 2, 8.5).backup(3, 12.5, 13.5);

        assertThat(gaps(1)).isEmpty();
        assertThat(gaps(2)).isEmpty();
        assertThat(gaps(3)).isEmpty();
    }

    /** An old backup was kept, and all between it and the newest was deleted. */
    @Test
    void a_timeline_of_which_nothing_is_left_has_no_gap_once_a_backup_lies_beyond_it() {
        archive.wal(1, 1, 3).backup(1, 2.1, 3.5);
        archive.branch(2, 1, 20.5).branch(3, 2, 30.5).branch(4, 3, 40.5).branch(5, 4, 50.5);
        archive.wal(5, 60, 70).backup(5, 60.5, 61.5);
        archive.committed(5);

        assertThat(gaps(1)).containsExactly(new SegmentRange(segment(1, 4), segment(1, 19)));
        assertThat(gaps(2)).isEmpty();
        assertThat(gaps(3)).isEmpty();
        assertThat(gaps(4)).isEmpty();
        assertThat(gaps(5)).containsExactly(new SegmentRange(segment(5, 50), segment(5, 59)));

        archive.withoutHistory(3);

        assertThat(WindowSurvey.of(archive.facts()).timelines())
                .extracting(Strand::timeline)
                .doesNotContain(new TimelineId(3));
    }

    @Test
    void a_backup_on_another_way_makes_no_difference_to_it() {
        archive.wal(1, 1, 4).wal(3, 8, 9).branch(2, 1, 5.5).branch(3, 2, 8.5);
        archive.branch(4, 1, 5.7).wal(4, 5, 9).backup(1, 1.5, 2.5);
        archive.backup(4, 6.5, 7.5);

        assertThat(gaps(2)).containsExactly(new SegmentRange(segment(2, 5), segment(2, 7)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void where_a_plan_meets_a_gap_the_window_shows_it(long seed) {
        Random random = new Random(seed);
        boolean diverged = seed % 2 == 0;
        archive.wal(1, 1, diverged ? 9 : 4).wal(2, 5, diverged ? 12 : 6).wal(3, 7, 14);
        archive.branch(2, 1, 5 + random.nextDouble());
        archive.branch(3, 2, 7 + random.nextDouble()).backup(1, 1.5, 2.5);
        for (int lost = random.nextInt(6); lost > 0; lost--) {
            archive.without(1 + random.nextInt(3), 3 + random.nextInt(12));
        }

        for (long timeline : List.of(1L, 2L, 3L)) {
            assertGapsAreShown(timeline);
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    private void assertGapsAreShown(long timeline) {
        ArchiveFacts facts = archive.facts();
        TimelineHistory lineage = facts.history(new TimelineId(timeline)).orElseThrow();
        for (BaseBackup backup : new RestorePlanner(facts).restorable(lineage)) {
            WalPath path = WalPath.from(backup.wal().start(), lineage, facts.wal());
            if (path.hasGap()) {
                assertThat(gaps(path.firstMissing().timeline().value()))
                        .anyMatch(gap -> gap.contains(path.firstMissing()));
            }
        }
    }

    private List<SegmentRange> gaps(long timeline) {
        return WindowSurvey.of(archive.facts()).timelines().stream()
                .filter(strand -> strand.timeline().equals(new TimelineId(timeline)))
                .flatMap(strand -> strand.gaps().stream())
                .map(Gap::missing)
                .toList();
    }

    @Test
    void a_timeline_whose_history_is_lost_is_shown_and_not_reachable() {
        archive.wal(3, 5, 9).backup(3, 6.5, 7.5);

        assertThat(only().stretches()).extracting(Stretch::isReachable).containsExactly(false);
        assertThat(WindowSurvey.of(archive.facts()).followed()).isEmpty();
    }

    private static Tuple row(double from, double to, boolean reachable) {
        return Tuple.tuple(position(from), position(to), reachable);
    }

    private Strand only() {
        RecoveryWindow window = WindowSurvey.of(archive.facts());
        assertThat(window.timelines()).hasSize(1);
        return window.timelines().getFirst();
    }
}
