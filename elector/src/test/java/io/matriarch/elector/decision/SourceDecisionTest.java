package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.HISTORY;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.endpoint;
import static io.matriarch.elector.decision.Situations.server;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
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

    @ParameterizedTest(name = "archive {0}, streams {1}, stalled for {2} ms: {3} ({4})")
    @CsvSource({
        "false, true,     0, Stay,   STANDBY_IS_WELL",
        "false, false,  900, Stay,   STANDBY_IS_WELL",
        "false, false, 1100, Follow, STREAM_IS_MISSING",
        "true,  false,    0, Stay,   STANDBY_IS_WELL",
        "true,  false, 1100, Stay,   STANDBY_IS_WELL",
        "true,  true,     0, Follow, STREAM_IS_BACK",
        "true,  false, 9999999, Stop, STALLED"
    })
    void the_archive_is_asked_while_no_stream_comes(
            boolean usesArchive, boolean isStreaming, long millis, String kind, Code code) {
        Decision decision =
                well().with(standby(N1, usesArchive, isStreaming, TIMELINE, millis)).decided();

        assertThat(decision.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(decision.reason().code()).isEqualTo(code);
        if (decision instanceof Decision.Follow follow) {
            assertThat(follow.usesArchive()).isNotEqualTo(usesArchive);
            assertThat(follow.primary()).isEqualTo(endpoint(N1));
        }
    }

    /** Each file that the archive is asked for first is time without a stream. */
    @Test
    void a_new_primary_is_followed_without_the_archive() {
        assertThat(well().with(standby(N3, true, false, TIMELINE, 5_000)).decided())
                .isInstanceOfSatisfying(
                        Decision.Follow.class,
                        follow -> assertThat(follow.usesArchive()).isFalse());
    }

    /** The files that lead to the cluster's timeline may be there and nowhere else. */
    @Test
    void who_streams_an_earlier_timeline_keeps_the_archive() {
        Decision decision = well().with(standby(N1, true, true, TimelineId.FIRST, 0)).decided();

        assertThat(decision.reason().code()).isNotEqualTo(Code.STREAM_IS_BACK);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothing_is_changed_while_the_primary_does_not_serve(boolean usesArchive) {
        Decision decision =
                well().with(standby(N1, usesArchive, false, TIMELINE, 9_999_999))
                        .withMembers(status(N2, Role.STANDBY))
                        .decided();

        assertThat(decision).isInstanceOf(Decision.Stay.class);
    }

    private static OwnPostgres standby(
            @Nullable MemberName following,
            boolean usesArchive,
            boolean isStreaming,
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
                        timeline.equals(TIMELINE) ? END : Situations.SWITCH,
                        0,
                        isStreaming
                                ? Optional.of(new ServerStatus.Receiver(true, timeline, "n1", 5432))
                                : Optional.empty(),
                        "",
                        usesArchive,
                        "",
                        plain.peers());
        return new OwnPostgres.Standby(
                status,
                timeline.equals(TIMELINE) ? HISTORY : TimelineHistory.of(timeline),
                following == null ? null : endpoint(following),
                Duration.ofMillis(stalledMillis),
                null);
    }
}
