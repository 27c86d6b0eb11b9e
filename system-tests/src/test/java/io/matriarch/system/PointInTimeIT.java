package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.outside.Database;
import io.matriarch.outside.Ended;
import io.matriarch.outside.FreePort;
import io.matriarch.outside.Repository;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A table is dropped at a known time, and the second before comes back. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PointInTimeIT {

    private static final String CONTENT =
            "SELECT count(*) || ' ' || md5(string_agg(t::text, ',' ORDER BY id)) FROM ledger t";

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "2");

    private final RunningCluster cluster = CLUSTER.running();
    private final Restoring restoring = new Restoring(cluster);

    @Test
    void a_dropped_table_is_back_as_it_was_a_second_before()
            throws InterruptedException, SQLException {
        Database database = cluster.application();
        database.execute(
                "CREATE TABLE ledger AS SELECT n AS id, md5(n::text) AS note"
                        + " FROM generate_series(1, 5000) n");
        String before = database.text(CONTENT);
        String written = database.text("SELECT clock_timestamp()");
        await("more than a second has passed")
                .atMost(Duration.ofSeconds(10))
                .until(() ->
                        database.text(
                                        "SELECT clock_timestamp() > timestamptz '"
                                                + written
                                                + "' + interval '1.2 s'")
                                .equals("t"));
        String secondBefore = database.text("SELECT " + secondBefore("clock_timestamp()"));
        database.execute("DROP TABLE ledger", "CREATE TABLE written_later (n int)");
        archiveAll();

        Path target = CLUSTER.beside("restored");
        int port = FreePort.draw();
        try {
            restoring.server(target, secondBefore, port).orFail();
            Database restored = database.at("127.0.0.1:" + port);
            assertThat(restored.text(CONTENT)).isEqualTo(before);
            assertThat(restored.text("SELECT to_regclass('written_later')")).isEqualTo("null");
        } finally {
            restoring.stop(target);
        }
    }

    @Test
    void a_restored_base_is_accepted_by_PostgreSQL_s_own_program()
            throws InterruptedException, SQLException {
        cluster.command("backup").orFail();
        cluster.application().execute("CREATE TABLE after_the_backup (n int)");
        String now = cluster.application().text("SELECT " + utc("clock_timestamp()"));
        cluster.application().execute("DROP TABLE after_the_backup");
        archiveAll();
        Path target = CLUSTER.beside("verified");

        restoring.files(target, now).orFail();

        Ended verified = restoring.verify(target);
        assertThat(verified.status()).as(verified.output() + verified.errors()).isZero();
    }

    private static String secondBefore(String time) {
        return utc("(" + time + " - interval '1 s')");
    }

    private static String utc(String time) {
        return "to_char(" + time + " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || 'Z'";
    }

    private void archiveAll() throws SQLException {
        String segment = cluster.superuser().text("SELECT pg_walfile_name(pg_switch_wal())");
        try (Repository repository = Repository.of(cluster.file())) {
            await("segment " + segment + " is archived")
                    .atMost(LocalCluster.PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> repository.holdsSegment(segment));
        }
    }
}
