package io.matriarch.elector.member;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.draining.SessionJudgement;
import io.matriarch.elector.draining.SessionLetters;
import io.matriarch.elector.draining.SessionLetters.SessionsAsked;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.sql.ClientSession;
import io.matriarch.postgres.sql.PostgresServer;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.ServerException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A primary's word on the sessions of its clients, for ambassadors that ask by HTTP. */
public final class SessionAnswers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SessionAnswers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Between two looks at sessions whose sockets cannot be seen. */
    private static final Duration SETTLING = Duration.ofMillis(25);

    private final MemberName self;
    private final Supplier<Optional<Epoch>> authority;
    private final PostgresServer server;
    private final SessionLetters letters;

    /** The only user of the connection to the server. */
    private final ExecutorService asking =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("session-answers").factory());

    private boolean areSocketsSeen = true;

    /**
     * @param authority the epoch under which this member is primary right now
     */
    public SessionAnswers(
            ClusterConnection cluster,
            MemberName self,
            ServerAddress address,
            Supplier<Optional<Epoch>> authority) {
        this.self = self;
        this.server = new PostgresServer(address, PATIENCE);
        this.authority = authority;
        this.letters = new SessionLetters(cluster::vowSecret);
    }

    /** Answers whatever has come by HTTP. It may take as long as Postgres takes to answer. */
    public String answer(String question) {
        try {
            Optional<SessionsAsked> asked =
                    letters.read(question, self)
                            .filter(it -> authority.get().filter(it.epoch()::equals).isPresent());
            if (asked.isEmpty()) {
                return SessionLetters.REFUSED;
            }
            return letters.answer(question, onTheOneThread(() -> look(asked.get().sessions())));
        } catch (ClusterException | ServerException | TimeoutException e) {
            log.atDebug().setCause(e).log("a question about sessions was not answered");
            return SessionLetters.REFUSED;
        } catch (IllegalArgumentException notAQuestion) {
            return SessionLetters.REFUSED;
        }
    }

    private List<Owed> look(List<InetSocketAddress> sessions) throws InterruptedException {
        List<ClientSession> first = server.sessions();
        List<Owed> atFirst = SessionJudgement.of(sessions, Set.of(), first, first);
        if (!sessions.isEmpty() && !atFirst.contains(Owed.NOTHING)) {
            // Nobody is left whose sockets would matter; to look at them takes long.
            return atFirst;
        }
        Set<Integer> unread = unread(sessions);
        List<ClientSession> before = server.sessions();
        if (unread == null) {
            Thread.sleep(SETTLING);
        }
        return SessionJudgement.of(sessions, unread, before, server.sessions());
    }

    private @Nullable Set<Integer> unread(List<InetSocketAddress> sessions) {
        if (!areSocketsSeen) {
            return null;
        }
        try {
            Set<Integer> ports = new HashSet<>();
            for (boolean isOverIpv6 : kindsOf(sessions)) {
                ports.addAll(server.portsWithUnreadBytes(isOverIpv6));
            }
            return ports;
        } catch (ServerException e) {
            server.status();
            areSocketsSeen = false;
            log.atWarn()
                    .addKeyValue("error", e.getCause())
                    .log("Postgres cannot see its sockets, so sessions are watched for longer");
            return null;
        }
    }

    /** Whether they are over IPv6; one that stands for all if there is none. */
    private static Set<Boolean> kindsOf(List<InetSocketAddress> sessions) {
        return sessions.isEmpty()
                ? Set.of(false)
                : sessions.stream()
                        .map(it -> it.getAddress() instanceof Inet6Address)
                        .collect(Collectors.toSet());
    }

    private <T> T onTheOneThread(Callable<T> call) throws TimeoutException {
        Future<T> answer = asking.submit(call);
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ServerException trouble) {
                throw trouble;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        asking.shutdownNow();
        server.close();
    }
}
