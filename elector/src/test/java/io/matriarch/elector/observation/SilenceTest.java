package io.matriarch.elector.observation;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.sql.ServerException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** For how long nothing has been heard of a server. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SilenceTest {

    private final ServerException nothing = failure("08006");
    private final ServerException tooManyClients = failure("53300");

    private final Silence silence = new Silence();

    @Test
    void it_is_counted_from_the_first_question_without_an_answer() {
        silence.answered();

        assertThat(silence.goesOn(nothing, at(100), at(103))).isEqualTo(Duration.ofSeconds(3));
        assertThat(silence.goesOn(nothing, at(104), at(107))).isEqualTo(Duration.ofSeconds(7));
        silence.answered();
        assertThat(silence.goesOn(nothing, at(109), at(110))).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void an_error_is_an_answer() {
        silence.answered();
        silence.goesOn(nothing, at(100), at(103));

        assertThat(silence.goesOn(tooManyClients, at(104), at(105))).isEqualTo(Duration.ZERO);
        assertThat(silence.goesOn(nothing, at(106), at(108))).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void a_server_that_has_never_answered_is_not_silent() {
        assertThat(silence.goesOn(nothing, at(100), at(103))).isNull();

        silence.answered();
        silence.end();
        assertThat(silence.goesOn(nothing, at(104), at(107))).isNull();
    }

    @Test
    void who_has_not_looked_for_long_may_have_missed_an_answer() {
        silence.answered();
        silence.goesOn(nothing, at(100), at(103));

        assertThat(silence.goesOn(nothing, at(160), at(163))).isEqualTo(Duration.ofSeconds(3));
    }

    private static BootTime at(int seconds) {
        return BootTime.ZERO.plus(Duration.ofSeconds(seconds));
    }

    private static ServerException failure(String state) {
        return new ServerException("status", "", new SQLException("failed", state));
    }
}
