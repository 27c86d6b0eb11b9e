package io.matriarch.ambassador;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.ambassador.relay.Transport;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.draining.SessionJudgement;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.postgres.sql.ClientSession;
import io.matriarch.postgres.sql.Credentials;
import io.matriarch.postgres.sql.PostgresServer;
import io.matriarch.postgres.sql.ServerAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real server's sessions, in plain text and encrypted, on their way to a planned end. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class DrainIT {

    private static final int ROUNDS = 5;

    private static PostgresServers servers;
    private static Endpoint server;

    @BeforeAll
    static void startServer() throws IOException, SQLException {
        servers = new PostgresServers();
        servers.start("one");
        servers.restartWithTls("one");
        server = servers.endpoint("one");
        try (PostgresServer superuser = open()) {
            superuser.execute("CREATE TABLE kept (id bigint PRIMARY KEY)");
        }
    }

    @AfterAll
    static void stopServer() throws IOException {
        servers.close();
    }

    private static PostgresServer open() {
        return new PostgresServer(
                ServerAddress.tcp(server.host(), server.port(), new Credentials("postgres", "")),
                Duration.ofSeconds(5));
    }

    private static InetSocketAddress address() {
        return new InetSocketAddress(server.host(), server.port());
    }

    /** Asks as a primary's sidecar does. */
    private static final class Primary implements Handovers, AutoCloseable {

        private final PostgresServer superuser = open();
        private volatile Epoch drained = Epoch.NONE;

        @Override
        public Map<InetSocketAddress, Owed> ask(
                Target.Primary primary, Collection<InetSocketAddress> sessions) {
            List<InetSocketAddress> asked = List.copyOf(sessions);
            Set<Integer> unread = superuser.portsWithUnreadBytes(false);
            List<ClientSession> before = superuser.sessions();
            List<Owed> owed = SessionJudgement.of(asked, unread, before, superuser.sessions());
            Map<InetSocketAddress, Owed> answer = new HashMap<>();
            for (int i = 0; i < asked.size(); i++) {
                answer.put(asked.get(i), owed.get(i));
            }
            return answer;
        }

        @Override
        public void onDrained(Epoch epoch) {
            drained = epoch;
        }

        @Override
        public void close() {
            superuser.close();
        }
    }

    private static RunningAmbassador ambassador(Primary primary) throws InterruptedException {
        RunningAmbassador running =
                new RunningAmbassador(
                        RunningAmbassador.settings()
                                .withHold(RunningAmbassador.hold(1_000, 20_000, 1_000)),
                        Transport.best(),
                        primary);
        running.cluster.add("one", server).role("one", Role.PRIMARY);
        return running.show(1, Phase.READY, "one");
    }

    /** Every session of a client is ended, as a fast shutdown does. */
    private static void endAllSessions() {
        try (PostgresServer superuser = open()) {
            superuser.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                            + " WHERE backend_type = 'client backend'"
                            + " AND application_name = 'guest'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disable", "require"})
    void no_transaction_is_aborted_and_no_outcome_is_unknown(String sslMode) throws Exception {
        List<Guest> guests = new ArrayList<>();
        try (Primary primary = new Primary();
                RunningAmbassador running = ambassador(primary)) {
            for (int i = 0; i < 8; i++) {
                boolean isLong = i % 2 == 0;
                long first = (sslMode.equals("require") ? 100 + i : i) * 1_000_000L;
                guests.add(Guest.come(running.readWrite(), sslMode, isLong, first));
            }
            for (int round = 0; round < ROUNDS; round++) {
                int before = Guest.committed(guests);
                await().until(() -> Guest.committed(guests) > before + 50);

                running.show(1, Phase.DRAINING, "one");

                await().atMost(20, TimeUnit.SECONDS)
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> primary.drained.equals(new Epoch(1)));
                endAllSessions();
                running.show(1, Phase.READY, "one");
            }
            int last = Guest.committed(guests);
            await().until(() -> Guest.committed(guests) > last + 50);
            for (Guest guest : guests) {
                guest.leave();
            }
        }
        Set<Long> present = Guest.present(server);
        for (Guest guest : guests) {
            assertThat(guest.ended()).as("its sessions were ended").isGreaterThan(0);
            assertThat(guest.aborted()).as("transactions aborted after a statement").isZero();
            assertThat(present).containsAll(guest.acknowledged());
            assertThat(present)
                    .as("what has failed at its beginning was not done")
                    .doesNotContainAnyElementsOf(guest.failed());
        }
    }

    @Test
    void a_session_inside_a_transaction_is_waited_for_and_goes_on() throws Exception {
        try (Primary primary = new Primary();
                RunningAmbassador running = ambassador(primary);
                Connection client = Guest.connect(running.readWrite(), "disable");
                Statement statement = client.createStatement()) {
            client.setAutoCommit(false);
            statement.execute("INSERT INTO kept VALUES (-1)");

            running.show(1, Phase.DRAINING, "one");

            statement.execute("INSERT INTO kept VALUES (-2)");
            assertThat(primary.drained).isEqualTo(Epoch.NONE);
            client.commit();
            await().until(() -> primary.drained.equals(new Epoch(1)));
            running.show(1, Phase.READY, "one");
            statement.execute("INSERT INTO kept VALUES (-3)");
            client.commit();
        }
        assertThat(Guest.present(server)).contains(-1L, -2L, -3L);
    }

    @Test
    void bytes_that_the_server_has_not_read_are_owed_an_answer() throws Exception {
        try (Primary primary = new Primary();
                PostgresServer superuser = open();
                Connection client = Guest.connect(address(), "disable");
                Statement statement = client.createStatement()) {
            long pid = Guest.backend(client);
            InetSocketAddress session =
                    superuser.sessions().stream()
                            .filter(it -> it.pid() == pid)
                            .map(it -> new InetSocketAddress(it.host(), it.port()))
                            .findFirst()
                            .orElseThrow();
            Target.Primary target = new Target.Primary(new Epoch(1), new MemberName("one"), server);
            await().until(() -> primary.ask(target, List.of(session)).get(session) == Owed.NOTHING);
            Guest.signal("STOP", pid);
            try {
                Thread asking =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        statement.execute("SELECT 1");
                                    } catch (SQLException e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
                await().until(() ->
                        superuser.portsWithUnreadBytes(false).contains(session.getPort()));

                assertThat(superuser.sessions())
                        .as("it still seems idle")
                        .anyMatch(it -> it.pid() == pid && it.isIdle() && it.awaitsClient());
                assertThat(primary.ask(target, List.of(session)))
                        .containsEntry(session, Owed.SOMETHING);
                Guest.signal("CONT", pid);
                asking.join();
            } finally {
                Guest.signal("CONT", pid);
            }
            await().until(() -> primary.ask(target, List.of(session)).get(session) == Owed.NOTHING);
        }
    }
}
