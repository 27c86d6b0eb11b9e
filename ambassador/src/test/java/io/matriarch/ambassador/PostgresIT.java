package io.matriarch.ambassador;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.matriarch.ambassador.relay.Transport;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Real servers, real clients: {@code psql}, {@code pgbench}, the JDBC driver. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class PostgresIT {

    private static PostgresServers servers;

    private RunningAmbassador running;

    @BeforeAll
    static void startServers() throws IOException {
        servers = new PostgresServers();
        servers.start("one");
        servers.restartWithTls("one");
        servers.startStandby("two", "one");
        servers.start("three");
    }

    @AfterAll
    static void stopServers() throws IOException {
        servers.close();
    }

    @BeforeEach
    void openAmbassador() throws InterruptedException {
        running =
                new RunningAmbassador(
                        RunningAmbassador.settings()
                                .withHold(RunningAmbassador.hold(1_000, 20_000, 1_000)),
                        Transport.best());
        running.cluster.add("one", servers.endpoint("one")).role("one", Role.PRIMARY);
        running.cluster.add("two", servers.endpoint("two"));
        running.cluster.add("three", servers.endpoint("three")).role("three", Role.STOPPED);
        running.show(1, Phase.READY, "one");
    }

    @AfterEach
    void closeAmbassador() {
        running.close();
    }

    private static Connection connect(InetSocketAddress address, String options)
            throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + address.getPort()
                        + "/postgres?user=postgres&"
                        + options);
    }

    private static Connection connect(InetSocketAddress address) throws SQLException {
        return connect(address, "sslmode=disable");
    }

    private static String ask(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static String whoIs(Connection connection) throws SQLException {
        return ask(connection, "SHOW cluster_name");
    }

    private String psql(String conninfo, String query) throws IOException {
        return PostgresServers.run(
                        "psql",
                        "-XAtq",
                        "-d",
                        "host=127.0.0.1 user=postgres dbname=postgres connect_timeout=20 port="
                                + running.readWrite().getPort()
                                + " "
                                + conninfo,
                        "-c",
                        query)
                .strip();
    }

    @Test
    void psql_and_the_jdbc_driver_reach_the_primary() throws Exception {
        assertThat(psql("", "SHOW cluster_name")).isEqualTo("one");
        try (Connection connection = connect(running.readWrite())) {
            assertThat(whoIs(connection)).isEqualTo("one");
        }
    }

    @Test
    void tls_goes_through_from_end_to_end() throws Exception {
        String query = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

        assertThat(psql("sslmode=require", query)).startsWith("t|TLS");
        try (Connection connection = connect(running.readWrite(), "sslmode=require")) {
            assertThat(ask(connection, query)).isEqualTo("t");
        }
    }

    @Test
    void pgbench_runs_through_with_many_connections() throws Exception {
        String port = Integer.toString(running.readWrite().getPort());
        PostgresServers.run(
                "pgbench", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-i", "-q", "postgres");

        String tpcb =
                PostgresServers.run(
                        "pgbench",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        port,
                        "-U",
                        "postgres",
                        "-c",
                        "8",
                        "-t",
                        "50",
                        "postgres");
        String reconnecting =
                PostgresServers.run(
                        "pgbench",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        port,
                        "-U",
                        "postgres",
                        "-C",
                        "-S",
                        "-c",
                        "4",
                        "-t",
                        "25",
                        "postgres");

        assertThat(tpcb).contains("transactions actually processed: 400/400");
        assertThat(reconnecting).contains("transactions actually processed: 100/100");
    }

    @Test
    void a_higher_epoch_cuts_everybody_and_nothing_more_is_done_on_the_old_server()
            throws Exception {
        List<Connection> sessions = new ArrayList<>();
        try (Connection watcher =
                DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:"
                                + servers.endpoint("one").port()
                                + "/postgres?user=postgres")) {
            for (int i = 0; i < 20; i++) {
                Connection session = connect(running.readWrite(), "ApplicationName=cut-me");
                sessions.add(session);
                assertThat(whoIs(session)).isEqualTo("one");
            }

            running.show(2, Phase.READY, "three");

            await().untilAsserted(() -> assertThat(running.applied).contains(new Epoch(2)));
            for (Connection session : sessions) {
                assertThatThrownBy(() -> whoIs(session)).isInstanceOf(SQLException.class);
            }
            await().untilAsserted(() ->
                    assertThat(
                                    ask(
                                            watcher,
                                            "SELECT count(*) FROM pg_stat_activity"
                                                    + " WHERE application_name ="
                                                    + " 'cut-me'"))
                            .isEqualTo("0"));
            try (Connection next = connect(running.readWrite())) {
                assertThat(whoIs(next)).isEqualTo("three");
            }
        }
    }

    @Test
    void clients_that_come_during_a_promotion_wait_and_are_then_served() throws Exception {
        running.show(2, Phase.PROMOTING, "three");
        List<String> answers = Collections.synchronizedList(new ArrayList<>());
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Connection one = connect(running.readWrite())) {
                                    answers.add(whoIs(one));
                                } catch (SQLException e) {
                                    answers.add(e.toString());
                                }
                            }));
        }
        await().untilAsserted(() -> assertThat(running.status().held().count()).isEqualTo(30));

        running.show(2, Phase.READY, "three");

        for (Thread client : clients) {
            client.join();
        }
        assertThat(answers).hasSize(30).containsOnly("three");
    }

    @Test
    void the_driver_hears_57P03_when_the_hold_ends_also_if_it_asked_for_tls_first()
            throws Exception {
        running.close();
        running =
                RunningAmbassador.open(
                        RunningAmbassador.settings()
                                .withHold(RunningAmbassador.hold(10, 400, 400)));

        assertThatThrownBy(() -> connect(running.readWrite(), "sslmode=prefer"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57P03"));
        assertThatThrownBy(() -> psql("", "SELECT 1"))
                .hasMessageContaining("the cluster's state is not known yet");
    }

    @Test
    void readers_reach_the_standby_and_writers_the_primary() throws Exception {
        try (Connection reader = connect(running.readOnly());
                Connection writer = connect(running.readWrite())) {
            assertThat(ask(reader, "SELECT pg_is_in_recovery()")).isEqualTo("t");
            assertThat(ask(writer, "SELECT pg_is_in_recovery()")).isEqualTo("f");
        }
    }

    @Test
    void a_running_query_is_cancelled_through_either_port() throws Exception {
        assertThat(cancelled(running.readWrite())).isEqualTo("57014");
        assertThat(cancelled(running.readOnly())).isEqualTo("57014");
    }

    private static String cancelled(InetSocketAddress address) throws Exception {
        try (Connection connection = connect(address);
                Statement statement = connection.createStatement()) {
            Thread canceller =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Connection other = connect(address)) {
                                    await().until(() ->
                                            ask(
                                                            other,
                                                            "SELECT count(*)"
                                                                    + " FROM"
                                                                    + " pg_stat_activity"
                                                                    + " WHERE query"
                                                                    + " = 'SELECT"
                                                                    + " pg_sleep(60)'"
                                                                    + " AND state ="
                                                                    + " 'active'")
                                                    .equals("1"));
                                    statement.cancel();
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            try {
                statement.execute("SELECT pg_sleep(60)");
                return "not cancelled";
            } catch (SQLException e) {
                return e.getSQLState();
            } finally {
                canceller.join();
            }
        }
    }

    @Test
    void a_large_copy_to_a_slow_reader_is_exact_and_stays_out_of_memory() throws Exception {
        String rows = "SELECT i, repeat(md5(i::text), 30) FROM generate_series(1, 200000) i";
        long most = 0;
        CRC32C sum = new CRC32C();
        long bytes = 0;
        try (Connection connection = connect(running.readWrite())) {
            CopyOut copy =
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyOut("COPY (" + rows + ") TO STDOUT");
            byte[] row = copy.readFromCopy();
            while (row != null) {
                sum.update(row);
                bytes += row.length;
                if (bytes % (8 << 20) < row.length) {
                    // The reader falls behind: whatever is not held back piles up now.
                    await().pollDelay(Duration.ofMillis(20)).until(() -> true);
                    most =
                            Math.max(
                                    most,
                                    PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
                }
                row = copy.readFromCopy();
            }
        }

        CRC32C expected = new CRC32C();
        try (Connection direct =
                DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:"
                                + servers.endpoint("one").port()
                                + "/postgres?user=postgres")) {
            CopyOut copy =
                    direct.unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyOut("COPY (" + rows + ") TO STDOUT");
            for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
                expected.update(row);
            }
        }
        assertThat(bytes).isGreaterThan(190_000_000);
        assertThat(sum.getValue()).isEqualTo(expected.getValue());
        assertThat(most).isLessThan(48L << 20);
    }

    @Test
    void a_large_copy_into_the_server_is_exact() throws Exception {
        try (Connection connection = connect(running.readWrite())) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE UNLOGGED TABLE IF NOT EXISTS lines (line text)");
                statement.execute("TRUNCATE lines");
            }
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY lines FROM STDIN",
                            new ByteArrayInputStream(
                                    ("x".repeat(1_000) + "\n").repeat(20_000).getBytes(US_ASCII)));

            assertThat(ask(connection, "SELECT count(*) || ' ' || sum(length(line)) FROM lines"))
                    .isEqualTo("20000 20000000");
        }
    }

    @Test
    void a_reader_stays_on_its_standby_when_that_is_promoted() throws Exception {
        servers.startStandby("four", "three");
        running.cluster.role("three", Role.PRIMARY).role("two", Role.STOPPED);
        running.cluster.role("one", Role.STOPPED).add("four", servers.endpoint("four"));
        running.show(2, Phase.READY, "three");
        try (Connection reader = connect(running.readOnly())) {
            assertThat(whoIs(reader)).isEqualTo("four");
            servers.promote("four");

            running.cluster.role("four", Role.PRIMARY).role("three", Role.STOPPED);
            running.show(3, Phase.READY, "four");

            await().untilAsserted(() -> assertThat(running.applied).contains(new Epoch(3)));
            assertThat(ask(reader, "SELECT pg_is_in_recovery()")).isEqualTo("f");
            running.show(4, Phase.READY, "one");
            await().untilAsserted(() -> assertThat(running.applied).contains(new Epoch(4)));
            assertThatThrownBy(() -> whoIs(reader)).isInstanceOf(SQLException.class);
        }
    }
}
