package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.HISTORY;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.endpoint;
import static io.matriarch.elector.decision.Situations.server;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From where a standby takes WAL: from the primary, and from the archive if that fails. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SourceDecisionTest {

    @ParameterizedTest(name = "archive {0}, streams for {1} ms, stalled for {2} ms: {3} ({4})")
    @CsvSource({
        "false, 9000,     0, Stay,   STANDBY_IS_WELL",
        "false,    0,   900, Stay,   STANDBY_IS_WELL",
        "false,    0,  1100, Follow, STREAM_IS_MISSING",
        "false,  100,  1100, Stay,   STANDBY_IS_WELL",
        "true,     0,     0, Stay,   STANDBY_IS_WELL",
        "true,     0,  1100, Stay,   STANDBY_IS_WELL",
        "true,   100,  1100, Stay,   STANDBY_IS_WELL",
        "true,  1100,     0, Follow, STREAM_IS_BACK",
        "true,     0, 20000, Stay,   STANDBY_IS_WELL",
        "true,     0, 21000, Stop,   STALLED",
        "false,    0, 21000, Follow, STREAM_IS_MISSING"
    })
    void the_archive_is_asked_while_no_stream_comes(
            boolean usesArchive, long streaming, long stalled, String kind, Code code) {
        Decision decision =
                well().with(standby(N1, usesArchive, streaming, TIMELINE, stalled)).decided();

        assertThat(decision.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(decision.reason().code()).isEqualTo(code);
        if (decision instanceof Decision.Follow follow) {
            assertThat(follow.usesArchive()).isNotEqualTo(usesArchive);
            assertThat(follow.primary()).isEqualTo(endpoint(N1));
        }
        if (decision instanceof Decision.Stop stop) {
            assertThat(stop.needsRepair()).isTrue();
        }
    }

    /** Each file that the archive is asked for first is time without a stream. */
    @Test
    void a_new_primary_is_followed_without_the_archive() {
        assertThat(well().with(standby(N3, true, 0, TIMELINE, 5_000)).decided())
                .isInstanceOfSatisfying(
                        Decision.Follow.class,
                        follow -> assertThat(follow.usesArchive()).isFalse());
    }

    /** The files that lead to the cluster's timeline may be there and nowhere else. */
    @Test
    void who_streams_an_earlier_timeline_keeps_the_archive() {
        Decision decision = well().with(standby(N1, true, 5_000, TimelineId.FIRST, 0)).decided();

        assertThat(decision.reason().code()).isNotEqualTo(Code.STREAM_IS_BACK);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothing_is_changed_while_the_primary_does_not_serve(boolean usesArchive) {
        Decision decision =
                well().with(standby(N1, usesArchive, 0, TIMELINE, 9_999_999))
                        .withMembers(status(N2, Role.STANDBY))
                        .decided();

        assertThat(decision).isInstanceOf(Decision.Stay.class);
    }

    @Test
    void who_has_nothing_of_the_clusters_timeline_in_spite_of_the_archive_does_not_stand() {
        Decision decision =
                well().with(state(Phase.VACANT, N1))
                        .withMembers(status(N2, Role.STANDBY))
                        .with(standby(N1, true, 0, TimelineId.FIRST, 5_000))
                        .vacantFor(Duration.ofMinutes(1), null)
                        .decided();

        assertThat(decision).isInstanceOf(Decision.Hold.class);
        assertThat(decision.reason().code()).isEqualTo(Code.NOT_ON_LINEAGE);
    }

    private static OwnPostgres standby(
            @Nullable MemberName following,
            boolean usesArchive,
            long streamingMillis,
            TimelineId timeline,
            long stalledMillis) {
        ServerStatus plain = server(true, timeline, END);
        ServerStatus status =
                new ServerStatus(
                        plain.systemIdentifier(),
                        plain.version(),
                        true,
                        timeline,
                        timeline.equals(TIMELINE) ? END : Situations.SWITCH,
                        true,
                        timeline.equals(TIMELINE) ? END : Situations.SWITCH,
                        0,
                        streamingMillis > 0
                                ? Optional.of(new ServerStatus.Receiver(true, timeline, "n1", 5432))
                                : Optional.empty(),
                        new ServerStatus.Source("", usesArchive),
                        "",
                        plain.peers());
        return new OwnPostgres.Standby(
                status,
                timeline.equals(TIMELINE) ? HISTORY : TimelineHistory.of(timeline),
                following == null ? null : endpoint(following),
                Duration.ofMillis(stalledMillis),
                null,
                Duration.ofMillis(streamingMillis),
                false,
                null);
    }
}
