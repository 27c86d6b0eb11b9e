package io.matriarch.archiver.drill;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DrillPlannerTest {

    private final TestArchive archive = new TestArchive();

    private static DrillRequest random(long seed) {
        return request("random", seed);
    }

    private static DrillRequest request(String moment, long seed) {
        return new DrillRequest(
                DrillMoment.parse(moment, seed), moment, Optional.empty(), Optional.empty());
    }

    private RestorePlan planned(DrillRequest request) {
        Planning planning = new DrillPlanner(archive.facts()).plan(request);
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        return ((Planning.Planned) planning).plan();
    }

    private Planning.Refused refused(DrillRequest request) {
        Planning planning = new DrillPlanner(archive.facts()).plan(request);
        assertThat(planning).isInstanceOf(Planning.Refused.class);
        return (Planning.Refused) planning;
    }

    private static Lsn target(RestorePlan plan) {
        assertThat(plan.target()).isInstanceOf(RestoreTarget.AtLsn.class);
        return ((RestoreTarget.AtLsn) plan.target()).lsn();
    }

    /** Whoever has written down a seed gets the same moment, years later. */
    @ParameterizedTest
    @CsvSource({"0, 0/85BB3A", "1, 0/69DB80", "42, 0/7941F9", "-1, 0/86AABF"})
    void a_seed_draws_the_same_position_in_every_version(long seed, String position) {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);

        assertThat(target(planned(random(seed)))).hasToString(position);
    }

    @Test
    void the_newest_backup_is_drilled_and_every_position_behind_it_may_be_drawn() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);
        BaseBackup newest = archive.backup(1, 4.5, 5.5);

        for (long seed = 0; seed < 1000; seed++) {
            RestorePlan plan = planned(random(seed));
            assertThat(plan.backup()).isEqualTo(newest);
            assertThat(target(plan))
                    .isGreaterThanOrEqualTo(position(5.5))
                    .isLessThanOrEqualTo(position(9));
        }
    }

    @Test
    void the_draw_is_even() {
        archive.wal(1, 1, 13).backup(1, 2.5, 3);
        long[] drawn = new long[10];

        LongStream.range(0, 10_000)
                .map(seed -> target(planned(random(seed))).minus(position(3)))
                .forEach(it -> drawn[(int) Math.min(9, it >> 20)]++);

        assertThat(LongStream.of(drawn).min().orElseThrow()).isGreaterThan(850);
        assertThat(LongStream.of(drawn).max().orElseThrow()).isLessThan(1150);
    }

    @Test
    void a_backup_that_ends_in_the_last_segment_is_replayed_as_far_as_it_goes() {
        archive.wal(1, 1, 3).backup(1, 2.5, 3.5);

        assertThat(planned(random(7)).target()).isEqualTo(new RestoreTarget.Latest());
    }

    @Test
    void a_moment_is_drawn_across_a_change_of_timeline() {
        archive.wal(1, 1, 5).wal(2, 5, 9).branch(2, 1, 5.5).committed(2).backup(1, 2.5, 3.5);

        RestorePlan plan = planned(random(3));

        assertThat(plan.timeline()).isEqualTo(new TimelineId(2));
        assertThat(target(plan)).isBetween(position(3.5), position(9));
    }

    @Test
    void a_gap_behind_the_newest_backup_fails_it_and_one_before_does_not() {
        archive.wal(1, 1, 9).without(1, 4).backup(1, 1.5, 2.5);
        archive.backup(1, 5.5, 6.5);

        assertThat(target(planned(random(1)))).isBetween(position(6.5), position(9));

        archive.without(1, 8);
        assertThat(refused(random(1)).reason()).contains(segment(1, 8).name());
        assertThat(new DrillPlanner(archive.facts()).isOfTheArchive(random(1))).isTrue();
    }

    @Test
    void a_newer_backup_that_cannot_be_read_fails_it_and_an_older_one_does_not() {
        archive.wal(1, 1, 9).backup(1, 5.5, 6.5);
        archive.damaged(description(new BackupId(hour(1), 9)));

        assertThat(planned(random(1)).notes()).anyMatch(note -> note.contains("not used"));

        archive.damaged(description(new BackupId(hour(7), 9)));
        assertThat(refused(random(1)).reason()).contains(new BackupId(hour(7), 9).toString());
        assertThat(refused(request("latest", 0)).reason()).contains("newer backup");
    }

    private static String description(BackupId id) {
        return TestArchive.LAYOUT.backup(id);
    }

    @Test
    void one_that_is_named_is_drilled_whatever_became_of_newer_ones() {
        BaseBackup older = archive.wal(1, 1, 9).backup(1, 2.5, 3.5);
        archive.damaged(description(new BackupId(hour(7), 9)));

        RestorePlan plan =
                planned(
                        new DrillRequest(
                                DrillMoment.parse("random", 1),
                                "random",
                                Optional.empty(),
                                Optional.of(older.id())));

        assertThat(plan.backup()).isEqualTo(older);
    }

    @Test
    void an_archive_without_a_backup_is_to_blame_and_a_moment_that_never_was_is_not() {
        archive.wal(1, 1, 9);
        assertThat(new DrillPlanner(archive.facts()).isOfTheArchive(random(1))).isTrue();

        archive.backup(1, 2.5, 3.5);
        DrillRequest never = request("2031-01-01 00:00:00Z", 0);
        assertThat(refused(never).reason()).contains("archived WAL ends");
        assertThat(new DrillPlanner(archive.facts()).isOfTheArchive(never)).isFalse();
    }

    @Test
    void that_nobody_says_which_timeline_counts_is_not_the_archives_fault() {
        archive.wal(1, 1, 9).wal(2, 5, 9).wal(3, 6, 9);
        archive.branch(2, 1, 5.5).branch(3, 1, 6.5).backup(1, 2.5, 3.5);

        assertThat(refused(random(1)).hint()).contains("timeline");
        assertThat(new DrillPlanner(archive.facts()).isOfTheArchive(random(1))).isFalse();
    }

    @Test
    void how_far_the_newest_moment_was_behind() {
        archive.wal(1, 1, 9).backup(1, 2.5, 3.5);
        ArchiveFacts facts = archive.facts();

        assertThat(new DrillPlanner(facts).newest(planned(random(1)))).contains(hour(10));
        assertThat(DrillPlanner.behind(hour(10), hour(10.5))).isEqualTo(Duration.ofMinutes(30));
        assertThat(DrillPlanner.behind(hour(10), hour(9))).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "latest, Latest[]",
        "0/3000148, 'AtLsn[lsn=0/3000148, isInclusive=true]'",
        "2026-11-21 08:30:00Z, 'PointInTime[time=2026-11-21T08:30:00Z, isInclusive=true]'"
    })
    void a_moment_that_is_named(String text, String target) {
        assertThat(DrillMoment.parse(text, 5))
                .isInstanceOfSatisfying(
                        DrillMoment.Named.class, it -> assertThat(it.target()).hasToString(target));
    }
}
