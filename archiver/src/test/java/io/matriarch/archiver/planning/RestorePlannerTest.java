package io.matriarch.archiver.planning;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.TimelineId;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RestorePlannerTest {

    private final TestArchive archive = new TestArchive();

    @Test
    void an_archive_without_backups_is_refused() {
        archive.wal(1, 1, 5);

        assertThat(refused(latest()).reason()).contains("no base backup");
    }

    @Test
    void the_latest_takes_the_newest_backup_and_all_wal_from_its_start() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);
        BaseBackup newest = archive.backup(1, 6.5, 7.5);

        RestorePlan plan = planned(latest());

        assertThat(plan.backup()).isEqualTo(newest);
        assertThat(plan.wal())
                .containsExactly(segment(1, 6), segment(1, 7), segment(1, 8), segment(1, 9));
    }

    @Test
    void a_time_takes_the_newest_backup_that_had_ended_before() {
        BaseBackup older = archive.wal(1, 1, 9).backup(1, 2.5, 3.5);
        archive.backup(1, 6.5, 7.5);

        assertThat(planned(time(7.4)).backup()).isEqualTo(older);
    }

    @Test
    void a_time_before_every_backup_is_refused_with_the_earliest_reachable() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        Planning.Refused refused = refused(time(3.4));

        assertThat(refused.hint()).contains(hour(3.5).toString());
        assertThat(refused.reachable()).singleElement().extracting("from").isEqualTo(hour(3.5));
    }

    @Test
    void a_time_after_the_last_archived_segment_is_refused() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        assertThat(refused(time(10.5)).reason()).contains("archived WAL ends");
    }

    @Test
    void a_time_needs_no_wal_behind_a_commit_known_to_be_later() {
        archive.wal(1, 1, 20).markedBackup(1, 2.5, 3.2);
        archive.markedBackup(1, 8.5, 9.2);

        RestorePlan plan = planned(time(5));

        assertThat(plan.wal().getFirst()).isEqualTo(segment(1, 2));
        assertThat(plan.wal().getLast()).isEqualTo(segment(1, 9));
        assertThat(plan.notes()).isEmpty();
    }

    @Test
    void a_gap_behind_the_known_commit_does_not_matter() {
        archive.wal(1, 1, 20).without(1, 12).markedBackup(1, 2.5, 3.2);
        archive.markedBackup(1, 8.5, 9.2);

        assertThat(planned(time(5)).notes()).isEmpty();
    }

    @Test
    void a_target_that_only_replay_can_find_is_not_promised() {
        archive.wal(1, 1, 20).backup(1, 2.5, 3.5);

        assertThat(planned(RestoreRequest.of(new RestoreTarget.RestorePoint("tow"))).notes())
                .anySatisfy(note ->
                        assertThat(note)
                                .contains("only replay finds out whether the target is there"));
    }

    @Test
    void a_gap_before_the_target_is_named() {
        archive.wal(1, 1, 20).without(1, 6).backup(1, 2.5, 3.5);

        assertThat(refused(latest()).reason()).contains(segment(1, 6).name());
        assertThat(refused(time(8)).reason()).contains(segment(1, 6).name());
        assertThat(refused(at(8)).reason()).contains(segment(1, 6).name());
    }

    @Test
    void what_is_offered_at_a_gap_can_be_asked_for() {
        archive.wal(1, 1, 20).without(1, 6).backup(1, 2.5, 3.5);
        String offer = "ask for --lsn " + position(6) + " --exclusive";

        assertThat(refused(latest()).hint()).contains(offer);
        assertThat(refused(time(8)).hint()).contains(offer);
        assertThat(refused(at(6)).hint()).contains(offer);
        assertThat(refused(at(8)).hint()).contains(offer);
        RestorePlan plan = planned(before(6));
        assertThat(plan.wal()).endsWith(segment(1, 5));
        assertThat(plan.target()).isEqualTo(new RestoreTarget.Latest());
        assertThat(plan.gap().orElseThrow()).contains(segment(1, 6).name());
    }

    @Test
    void all_before_the_end_of_the_archive_can_be_asked_for() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        assertThat(planned(before(10)).wal()).endsWith(segment(1, 9));
        assertThat(refused(before(10.1)).hint()).contains("--lsn " + position(10));
    }

    @Test
    void a_target_before_the_gap_is_planned_with_a_note() {
        archive.wal(1, 1, 20).without(1, 6).backup(1, 2.5, 3.5);

        RestorePlan plan = planned(time(5));

        assertThat(plan.wal().getLast()).isEqualTo(segment(1, 5));
        assertThat(plan.notes()).anySatisfy(note -> assertThat(note).contains("gap"));
    }

    @Test
    void a_backup_without_its_own_wal_is_refused() {
        archive.wal(1, 1, 20).without(1, 3).backup(1, 2.5, 3.5);

        assertThat(refused(time(5)).reason()).contains(segment(1, 3).name());
    }

    @Test
    void a_position_must_be_archived_and_behind_a_backup() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        assertThat(planned(at(3.5)).wal()).isNotEmpty();
        assertThat(planned(at(9.9)).wal()).endsWith(segment(1, 9));
        assertThat(refused(at(10)).reason()).contains(position(10).toString());
        assertThat(refused(at(3.4)).reason()).contains("before the end of the oldest");
    }

    @Test
    void consistency_alone_needs_only_the_backups_own_wal() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        assertThat(planned(RestoreRequest.of(new RestoreTarget.Immediate())).wal())
                .containsExactly(segment(1, 2), segment(1, 3));
    }

    @Test
    void replay_crosses_to_the_next_timeline_within_the_segment_of_the_switch() {
        archive.wal(1, 1, 5).wal(2, 5, 8).branch(2, 1, 5.5).backup(1, 3.5, 4.5);

        assertThat(planned(latest()).wal())
                .containsExactly(
                        segment(1, 3),
                        segment(1, 4),
                        segment(2, 5),
                        segment(2, 6),
                        segment(2, 7),
                        segment(2, 8));
    }

    @Test
    void a_switch_at_a_segments_boundary_needs_nothing_of_the_parent_behind_it() {
        archive.wal(1, 1, 7).wal(2, 5, 6).branch(2, 1, 5).backup(1, 3.5, 4.5);

        assertThat(planned(latest()).wal())
                .containsExactly(segment(1, 3), segment(1, 4), segment(2, 5), segment(2, 6));
    }

    @Test
    void while_the_new_timelines_first_segment_is_missing_the_parents_reaches_the_switch() {
        archive.wal(1, 1, 5).branch(2, 1, 5.5).backup(1, 3.5, 4.5);

        assertThat(planned(latest()).wal()).endsWith(segment(1, 5));
        assertThat(planned(at(5.4)).wal()).isNotEmpty();
        assertThat(refused(at(5.6)).reason()).contains(position(5.5).toString());
    }

    @Test
    void the_committed_timeline_is_followed_and_not_the_highest() {
        archive.wal(1, 1, 5)
                .wal(2, 5, 8)
                .wal(3, 5, 9)
                .branch(2, 1, 5.5)
                .branch(3, 1, 5.6)
                .committed(2)
                .backup(1, 3.5, 4.5);

        assertThat(planned(latest()).timeline()).isEqualTo(new TimelineId(2));
    }

    @Test
    void without_the_cluster_two_branches_are_not_guessed_between() {
        archive.wal(1, 1, 5)
                .wal(2, 5, 8)
                .wal(3, 5, 9)
                .branch(2, 1, 5.5)
                .branch(3, 1, 5.6)
                .backup(1, 3.5, 4.5);

        assertThat(refused(latest()).reason()).contains("[2, 3]");
        assertThat(
                        planned(
                                        new RestoreRequest(
                                                new RestoreTarget.Latest(),
                                                Optional.of(new TimelineId(2)),
                                                Optional.empty()))
                                .timeline())
                .isEqualTo(new TimelineId(2));
    }

    @Test
    void a_branch_given_up_before_the_newest_backup_is_not_followed() {
        archive.wal(1, 1, 12).branch(2, 1, 3.5).wal(2, 3, 20).backup(1, 8.5, 9.5);

        assertThat(planned(latest()).timeline()).isEqualTo(TimelineId.FIRST);
    }

    @Test
    void a_backup_of_a_branch_that_was_given_up_is_not_used() {
        BaseBackup good = archive.wal(1, 1, 9).wal(2, 5, 9).branch(2, 1, 5.5).backup(1, 2.5, 3.5);
        archive.committed(2).backup(1, 6.5, 7.5);

        assertThat(planned(latest()).backup()).isEqualTo(good);
    }

    @Test
    void an_unknown_timeline_is_refused_with_those_that_are_known() {
        archive.wal(1, 1, 9).committed(4).backup(1, 2.5, 3.5);

        assertThat(refused(latest()).reason()).contains("timeline 4").contains("[1]");
    }

    @Test
    void a_backup_that_cannot_be_read_is_named_and_another_one_used() {
        BaseBackup good = archive.wal(1, 1, 9).damaged("backups/x/backup.json").backup(1, 2.5, 3.5);

        assertThat(planned(latest()).backup()).isEqualTo(good);
        assertThat(planned(latest()).notes())
                .anySatisfy(note -> assertThat(note).contains("backups/x/backup.json"));
    }

    @Test
    void an_unreadable_history_leaves_the_choice_of_the_timeline_to_a_person() {
        archive.wal(1, 1, 9).damaged("wal/00000002.history").backup(1, 2.5, 3.5);

        assertThat(refused(latest()).reason()).contains("00000002.history");
        assertThat(planned(along(1)).timeline()).isEqualTo(TimelineId.FIRST);
        assertThat(refused(along(2)).reason()).contains("00000002.history");
    }

    @Test
    void a_lost_history_leaves_the_choice_of_the_timeline_to_a_person() {
        archive.wal(1, 1, 5).wal(2, 5, 9).backup(1, 2.5, 3.5);

        Planning.Refused refused = refused(latest());

        assertThat(refused.reason())
                .contains(TestArchive.LAYOUT.history(new TimelineId(2)))
                .contains("missing");
        assertThat(refused.hint()).contains("--timeline 1");
        assertThat(refused(time(4)).reason()).contains("00000002.history");
        assertThat(planned(along(1)).timeline()).isEqualTo(TimelineId.FIRST);
        assertThat(planned(along(1)).notes())
                .anySatisfy(note -> assertThat(note).contains("00000002.history"));
        assertThat(refused(along(2)).reason()).contains("00000002.history");
    }

    @Test
    void a_lost_history_does_not_matter_where_the_cluster_tells_its_timeline() {
        archive.wal(1, 1, 5).wal(2, 5, 9).committed(1).backup(1, 2.5, 3.5);

        assertThat(planned(latest()).timeline()).isEqualTo(TimelineId.FIRST);
    }

    @Test
    void a_lost_history_of_a_lower_timeline_does_not_matter() {
        archive.wal(1, 1, 5).wal(2, 3, 4).wal(3, 5, 9).branch(3, 1, 5.5).backup(3, 6.5, 7.5);

        assertThat(planned(latest()).timeline()).isEqualTo(new TimelineId(3));
    }

    @Test
    void a_lost_history_is_made_up_for_by_that_of_a_descendant() {
        archive.wal(1, 1, 5).wal(2, 5, 7).branch(2, 1, 5.5).wal(3, 7, 9).branch(3, 2, 7.5);
        archive.withoutHistory(2).backup(1, 2.5, 3.5);

        RestorePlan plan = planned(latest());

        assertThat(plan.timeline()).isEqualTo(new TimelineId(3));
        assertThat(plan.wal()).endsWith(segment(2, 6), segment(3, 7), segment(3, 8), segment(3, 9));
    }

    @Test
    void a_backup_asked_for_that_is_not_complete_is_refused_with_what_it_lacks() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);
        BackupId other = new BackupId(hour(1), 77);

        Planning.Refused refused =
                refused(
                        new RestoreRequest(
                                new RestoreTarget.Latest(), Optional.empty(), Optional.of(other)));

        assertThat(refused.reason()).contains(other + "/backup.json is missing");
    }

    private static RestoreRequest along(long timeline) {
        return new RestoreRequest(
                new RestoreTarget.Latest(),
                Optional.of(new TimelineId(timeline)),
                Optional.empty());
    }

    private static RestoreRequest latest() {
        return RestoreRequest.of(new RestoreTarget.Latest());
    }

    private static RestoreRequest time(double hours) {
        return RestoreRequest.of(new RestoreTarget.PointInTime(hour(hours), true));
    }

    private static RestoreRequest at(double segment) {
        return RestoreRequest.of(new RestoreTarget.AtLsn(position(segment), true));
    }

    private static RestoreRequest before(double segment) {
        return RestoreRequest.of(new RestoreTarget.AtLsn(position(segment), false));
    }

    private RestorePlan planned(RestoreRequest request) {
        Planning planning = new RestorePlanner(archive.facts()).plan(request);
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        return ((Planning.Planned) planning).plan();
    }

    private Planning.Refused refused(RestoreRequest request) {
        Planning planning = new RestorePlanner(archive.facts()).plan(request);
        assertThat(planning).isInstanceOf(Planning.Refused.class);
        return (Planning.Refused) planning;
    }
}
