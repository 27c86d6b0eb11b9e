package io.matriarch.archiver.planning;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.RecoveryWindow.Stretch;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.TimelineId;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

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
