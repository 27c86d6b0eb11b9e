package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.matriarch.failover.side.Signals;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Programs;
import io.matriarch.outside.RunningCluster;
import io.matriarch.workload.RecordingWriter;
import io.matriarch.workload.RecordingWriter.Manner;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** The primary is moved while clients are inside transactions. */
@Isolated("no client is let down, if none is kept waiting by others")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SwitchoverIT {

    private static final int SWITCHOVERS = 3;
    private static final int CLIENTS = 6;
    private static final int SOME = 20;
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final Duration DUMP = Duration.ofSeconds(30);

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "3");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void no_transaction_is_aborted_and_no_row_is_lost() throws SQLException, InterruptedException {
        List<RecordingWriter> writers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            writers.add(
                    RecordingWriter.start(
                            cluster.target("drained_" + i),
                            Manner.pausing(PAUSE).inLongTransactions()));
        }
        for (int i = 0; i < SWITCHOVERS; i++) {
            CLUSTER.awaitWhole();
            ClusterFile.Node old = cluster.primary();
            awaitMore(writers);

            cluster.command("switchover", "--yes").orFail();

            awaitMore(writers);
            assertThat(cluster.primary().name()).isNotEqualTo(old.name());
        }
        for (RecordingWriter writer : writers) {
            RecordingWriter.Verdict verdict = writer.verdict();
            assertThat(verdict.lost()).isEmpty();
            assertThat(verdict.failures()).as("its sessions were ended").isGreaterThan(0);
            assertThat(writer.aborted()).as("transactions aborted after a statement").isZero();
        }
    }

    @Test
    void a_transaction_that_outlives_all_patience_is_aborted_and_holds_up_nobody()
            throws SQLException, InterruptedException {
        ClusterFile.Node old = cluster.primary();
        cluster.application().execute("CREATE TABLE outlived (id int)");
        try (RecordingWriter writer =
                        RecordingWriter.start(
                                cluster.target("beside_the_outlived"), Manner.pausing(PAUSE));
                Connection slow = cluster.application().connect();
                Statement statement = slow.createStatement()) {
            awaitMore(List.of(writer));
            slow.setAutoCommit(false);
            statement.execute("INSERT INTO outlived VALUES (1)");

            cluster.command("switchover", "--yes").orFail();

            awaitMore(List.of(writer));
            assertThatThrownBy(slow::commit).isInstanceOf(SQLException.class);
            assertThat(cluster.primary().name()).isNotEqualTo(old.name());
            assertThat(cluster.application().number("SELECT count(*) FROM outlived")).isZero();
            assertThat(writer.verdict().lost()).isEmpty();
        }
    }

    /** So much that no socket holds it: the rest waits in the primary's walsender. */
    private static final String MORE_THAN_SOCKETS_HOLD =
            """
            DO $$
            BEGIN
                FOR i IN 1..64 LOOP
                    PERFORM pg_logical_emit_message(false, 'stuck', repeat('m', 1000000));
                END LOOP;
            END $$
            """;

    @Test
    void a_standby_that_is_stuck_holds_up_nobody() throws SQLException, InterruptedException {
        ClusterFile.Node old = cluster.primary();
        List<ClusterFile.Node> standbys = cluster.othersThan(old);
        ClusterFile.Node successor = standbys.getFirst();
        List<Long> stuck = List.of(walReceiver(standbys.getLast()));
        Signals.send("STOP", stuck);
        try {
            cluster.superuser().execute(MORE_THAN_SOCKETS_HOLD);

            cluster.command("switchover", "--to", successor.name(), "--yes").orFail();

            assertThat(cluster.primary().name()).isEqualTo(successor.name());
        } finally {
            Signals.send("CONT", stuck);
        }
    }

    private static final Pattern PLACE = Pattern.compile("lsn: [0-9A-F]+/([0-9A-F]+)");
    private static final long SEGMENT = 16L << 20;
    private static final long TWO_MESSAGES = 2L << 20;

    /** What the shutdown writes, to the end of the segment, clients would wait for. */
    @Test
    void the_last_segment_of_a_reign_is_filled_before_clients_wait() throws Exception {
        ClusterFile.Node old = cluster.primary();
        cluster.superuser().execute("SELECT pg_switch_wal(); CREATE TABLE begun (id int)");
        String segment = cluster.superuser().text("SELECT pg_walfile_name(pg_current_wal_lsn())");

        cluster.command("switchover", "--yes").orFail();

        List<Long> places =
                PLACE.matcher(messagesIn(Path.of(old.dataDir(), "pg_wal", segment)))
                        .results()
                        .map(place -> Long.parseLong(place.group(1), 16) % SEGMENT)
                        .toList();
        assertThat(places).isNotEmpty();
        assertThat(places.getLast()).isGreaterThan(SEGMENT - TWO_MESSAGES);
    }

    private String messagesIn(Path segment) throws InterruptedException {
        return Programs.run(
                        DUMP,
                        Map.of(),
                        List.of(
                                cluster.program("pg_waldump").toString(),
                                "--rmgr=LogicalMessage",
                                segment.toString()))
                .output();
    }

    private long walReceiver(ClusterFile.Node standby) {
        return cluster.postmaster(standby)
                .orElseThrow()
                .children()
                .map(ProcessHandle::pid)
                .filter(pid -> Signals.title(pid).contains("walreceiver"))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitMore(List<RecordingWriter> writers) {
        for (RecordingWriter writer : writers) {
            int before = writer.count();
            await("writes go through")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> writer.count() > before + SOME);
        }
    }
}
