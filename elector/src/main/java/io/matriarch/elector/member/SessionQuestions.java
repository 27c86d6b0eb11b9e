package io.matriarch.elector.member;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.draining.SessionLetters;
import io.matriarch.elector.draining.SessionLetters.SessionsAsked;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An ambassador's questions to a primary's sidecar about sessions. The way there is used now and
 * then when nothing is asked, to be warm when clients wait for the answer.
 */
public final class SessionQuestions implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SessionQuestions.class);
    private static final String PATH = "/owed";
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration BETWEEN_REHEARSALS = Duration.ofSeconds(5);

    private final ClusterConnection cluster;
    private final SessionLetters letters;
    private final SidecarCalls calls = new SidecarCalls(PATIENCE);
    private final Thread keeper;

    public SessionQuestions(ClusterConnection cluster) {
        this.cluster = cluster;
        this.letters = new SessionLetters(cluster::vowSecret);
        this.keeper =
                Thread.ofPlatform().name("session-questions").daemon().unstarted(this::rehearse);
    }

    public SessionQuestions open() {
        keeper.start();
        return this;
    }

    private void rehearse() {
        try {
            while (true) {
                Optional<ClusterState> state = cluster.view().map(ClusterView::state);
                if (state.isPresent() && cluster.isConnected()) {
                    ask(state.get().primary(), state.get().epoch(), List.of());
                }
                Thread.sleep(BETWEEN_REHEARSALS);
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    /**
     * What the primary says of these sessions, known by where it sees them come from; empty if it
     * does not answer.
     */
    public Map<InetSocketAddress, Owed> ask(
            MemberName primary, Epoch epoch, Collection<InetSocketAddress> sessions)
            throws InterruptedException {
        List<InetSocketAddress> asked = List.copyOf(sessions);
        Map<InetSocketAddress, Owed> answer = new HashMap<>();
        try {
            URI address = addressOf(primary);
            String question =
                    letters.question(primary, new SessionsAsked(epoch, asked), calls.nonce());
            List<Owed> owed =
                    letters.read(calls.ask(address, question, PATIENCE), question, asked.size());
            for (int i = 0; i < owed.size(); i++) {
                answer.put(asked.get(i), owed.get(i));
            }
        } catch (ClusterException | IOException | IllegalArgumentException e) {
            log.atDebug().addKeyValue("member", primary).setCause(e).log("primary was not asked");
        }
        return answer;
    }

    private URI addressOf(MemberName primary) {
        String api =
                cluster.view()
                        .flatMap(view -> view.member(primary))
                        .map(MemberStatus::sidecar)
                        .map(MemberStatus.Sidecar::api)
                        .orElseThrow(() ->
                                new IllegalArgumentException("member: " + primary + " is away"));
        return URI.create(api + PATH);
    }

    @Override
    public void close() {
        keeper.interrupt();
        calls.close();
    }
}
