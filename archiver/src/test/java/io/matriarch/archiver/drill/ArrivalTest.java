package io.matriarch.archiver.drill;

import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RecoveryOutcome.End;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A backup that ends at 3.5, and segments up to the ninth. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArrivalTest {

    private static RestorePlan plan(RestoreTarget target) {
        TestArchive archive = new TestArchive().wal(1, 1, 9);
        archive.backup(1, 2.5, 3.5);
        Planning planning = new RestorePlanner(archive.facts()).plan(RestoreRequest.of(target));
        return ((Planning.Planned) planning).plan();
    }

    private static RecoveryOutcome promoted(double at, Optional<Instant> lastCommit) {
        return new RecoveryOutcome(
                End.PROMOTED, Optional.of(position(at)), lastCommit, Map.of(), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "5,   5,   -",
                "5,   5.1, -",
                "5,   9,   -",
                "5,   4.9, 'before the target'",
                "5,   3,   'before the end of the backup'",
                "5,   11,  'where the plan ends'",
            })
    void a_position(double target, double reached, String complaint) {
        assertComplaint(
                Arrival.complaint(
                        plan(new RestoreTarget.AtLsn(position(target), true)),
                        promoted(reached, Optional.empty())),
                complaint);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"5, 4.9, -", "5, 5, -", "5, -, -", "5, 5.1, 'expected: of'"})
    void a_time(double target, Double lastCommit, String complaint) {
        assertComplaint(
                Arrival.complaint(
                        plan(new RestoreTarget.PointInTime(hour(target), true)),
                        promoted(5, Optional.ofNullable(lastCommit).map(TestArchive::hour))),
                complaint);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"9, -", "9.5, -", "8.9, 'before the last segment'"})
    void all_that_there_is(double reached, String complaint) {
        assertComplaint(
                Arrival.complaint(
                        plan(new RestoreTarget.Latest()), promoted(reached, Optional.empty())),
                complaint);
    }

    private static void assertComplaint(Optional<String> found, String expected) {
        if (expected == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found.orElseThrow()).contains(expected);
        }
    }

    @Test
    void one_that_has_not_promoted_has_not_arrived() {
        RecoveryOutcome stopped =
                new RecoveryOutcome(
                        End.SHUT_DOWN,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty());

        assertThat(Arrival.complaint(plan(new RestoreTarget.Latest()), stopped).orElseThrow())
                .contains("SHUT_DOWN");
    }

    @Test
    void segments_count_up_to_where_replay_ended() {
        RestorePlan plan = plan(new RestoreTarget.Latest());

        assertThat(Arrival.segments(plan, position(5.5))).isEqualTo(4);
        assertThat(Arrival.segments(plan, position(6))).isEqualTo(4);
    }
}
