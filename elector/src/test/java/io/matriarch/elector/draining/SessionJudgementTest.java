package io.matriarch.elector.draining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.postgres.sql.ClientSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SessionJudgementTest {

    private static final int PORT = 40_000;

    private static ClientSession session(boolean isIdle, boolean awaits, String changed) {
        return new ClientSession(7, "10.0.0.1", PORT, false, isIdle, awaits, changed);
    }

    private static List<Owed> judged(Set<Integer> unread, ClientSession then, ClientSession now) {
        return SessionJudgement.of(
                List.of(new InetSocketAddress("10.0.0.1", PORT)),
                unread,
                List.of(then),
                List.of(now));
    }

    @ParameterizedTest
    @CsvSource({
        // unread bytes, it waited for its client, it is idle now
        "false, true,  true,  NOTHING",
        "true,  true,  true,  SOMETHING",
        "false, false, true,  SOMETHING",
        "false, true,  false, SOMETHING",
    })
    void a_session_owes_nothing_that_has_read_all_and_waits_between_two_transactions(
            boolean hasUnread, boolean awaits, boolean isIdle, Owed owed) {
        Set<Integer> unread = hasUnread ? Set.of(PORT) : Set.of(PORT + 1);

        assertThat(judged(unread, session(true, awaits, "a"), session(isIdle, false, "a")))
                .containsExactly(owed);
    }

    @Test
    void what_it_seemed_to_be_while_it_began_to_wait_does_not_count() {
        assertThat(judged(Set.of(), session(false, true, "a"), session(true, true, "b")))
                .containsExactly(Owed.NOTHING);
    }

    @Test
    void a_session_whose_socket_is_not_seen_must_not_have_changed() {
        ClientSession idle = session(true, true, "a");

        List<InetSocketAddress> asked = List.of(new InetSocketAddress("10.0.0.1", PORT));
        assertThat(SessionJudgement.of(asked, null, List.of(idle), List.of(idle)))
                .containsExactly(Owed.NOTHING);
        assertThat(
                        SessionJudgement.of(
                                asked, null, List.of(idle), List.of(session(true, true, "b"))))
                .containsExactly(Owed.SOMETHING);
        assertThat(
                        SessionJudgement.of(
                                asked, null, List.of(session(false, true, "a")), List.of(idle)))
                .containsExactly(Owed.SOMETHING);
    }

    @Test
    void a_session_that_is_not_listed_or_has_become_another_may_owe_something() {
        ClientSession idle = session(true, true, "a");
        ClientSession other = new ClientSession(8, "10.0.0.1", PORT, false, true, true, "a");

        assertThat(judged(Set.of(), idle, other)).containsExactly(Owed.SOMETHING);
        assertThat(
                        SessionJudgement.of(
                                List.of(new InetSocketAddress("10.0.0.2", PORT)),
                                Set.of(),
                                List.of(idle),
                                List.of(idle)))
                .containsExactly(Owed.SOMETHING);
    }

    @Test
    void who_sends_wal_is_not_waited_for() {
        ClientSession walSender = new ClientSession(7, "10.0.0.1", PORT, true, false, false, "a");

        assertThat(judged(Set.of(PORT), walSender, walSender)).containsExactly(Owed.STREAMS);
    }

    @Test
    void addresses_are_compared_and_not_their_spellings() throws Exception {
        ClientSession idle = new ClientSession(7, "fe80::1%eth0", PORT, false, true, true, "a");
        InetAddress same = InetAddress.getByName("fe80:0:0:0:0:0:0:1");

        assertThat(
                        SessionJudgement.of(
                                List.of(new InetSocketAddress(same, PORT)),
                                Set.of(),
                                List.of(idle),
                                List.of(idle)))
                .containsExactly(Owed.NOTHING);
        assertThatIllegalArgumentException().isThrownBy(() -> SessionJudgement.address("db.local"));
    }
}
