package io.matriarch.cli.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RecoveryOutcome.End;
import io.matriarch.archiver.recovery.ServerUser;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.postgres.Lsn;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreTextTest {

    private static final Path DIRECTORY = Path.of("/data/restored");
    private static final Optional<Lsn> END = Optional.of(Lsn.parse("0/80D6820"));
    private static final Optional<Instant> COMMIT =
            Optional.of(Instant.parse("2026-11-21T10:16:25Z"));

    private static RestoreResult result(RecoveryOutcome outcome) {
        return restored().withServer(5433, Path.of("/data/server.log"), outcome);
    }

    private static RestoreResult restored() {
        RestoreResult.Plan plan =
                new RestoreResult.Plan(
                        "all", "b", Instant.EPOCH, 1, 0, 0, 0, null, null, List.of());
        RestoreResult.Restored restored =
                new RestoreResult.Restored(1, 1, new RestoreResult.Transfer(0, 0, 0, 0), 1, true);
        return new RestoreResult(DIRECTORY.toString(), plan, restored, null, List.of());
    }

    private static String text(RestoreResult result) {
        return text(result, "postgres");
    }

    private static String text(RestoreResult result, String owner) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        new RestoreText(
                        new Terminal(writer, writer, null, false),
                        DIRECTORY,
                        new ServerUser(Optional.of(owner)))
                .conclusion(result);
        writer.flush();
        return out.toString();
    }

    private static RecoveryOutcome outcome(
            End end,
            Optional<Lsn> replayed,
            Optional<Instant> lastCommit,
            @Nullable Duration duration) {
        return new RecoveryOutcome(
                end, replayed, lastCommit, Map.of(), Optional.ofNullable(duration));
    }

    @Test
    void a_recovery_is_told_with_its_end() {
        assertThat(text(result(outcome(End.PROMOTED, END, COMMIT, Duration.ofSeconds(2)))))
                .contains(
                        "promoted after 2.00 s of replay, at 0/80D6820; the last transaction in it"
                                + " is of 2026-11-21T10:16:25Z")
                .contains("psql -h localhost -p 5433");
    }

    @Test
    void without_a_transaction_behind_it_the_last_is_of_the_backup() {
        assertThat(text(result(outcome(End.PROMOTED, END, Optional.empty(), Duration.ZERO))))
                .contains("; the last transaction in it is of the backup");
    }

    @Test
    void of_a_promotion_before_only_what_is_known_is_said() {
        assertThat(text(result(outcome(End.PROMOTED, END, Optional.empty(), null))))
                .startsWith("promoted before this run, at 0/80D6820\n")
                .doesNotContain("transaction", "replay");
        assertThat(text(result(outcome(End.PROMOTED, Optional.empty(), Optional.empty(), null))))
                .startsWith("promoted before this run\n");
        assertThat(text(result(outcome(End.PROMOTED, END, COMMIT, null))))
                .startsWith(
                        "promoted before this run, at 0/80D6820; the last transaction in it is of"
                                + " 2026-11-21T10:16:25Z\n");
    }

    @Test
    void the_json_has_no_values_that_nobody_knows() {
        assertThat(
                        ClusterJson.prettyText(
                                result(outcome(End.PROMOTED, END, Optional.empty(), null))))
                .contains("\"promoted\"", "\"0/80D6820\"")
                .doesNotContain("recoveryMillis", "lastCommit", "null");
    }

    @Test
    void nobody_can_connect_to_a_server_that_has_shut_down() {
        assertThat(
                        text(
                                result(
                                        outcome(
                                                End.SHUT_DOWN,
                                                Optional.empty(),
                                                Optional.empty(),
                                                Duration.ofSeconds(2)))))
                .startsWith("shut down after 2.00 s of replay\n")
                .doesNotContain("psql", "null", "transaction");
    }

    @Test
    void files_of_root_are_to_be_given_away_before_a_server_starts_on_them() {
        assertThat(text(restored(), "root"))
                .startsWith("give it to the server's user")
                .contains("chown -RL USER /data/restored\nstart PostgreSQL on it");
        assertThat(text(restored(), "postgres")).startsWith("start PostgreSQL on it");
    }
}
