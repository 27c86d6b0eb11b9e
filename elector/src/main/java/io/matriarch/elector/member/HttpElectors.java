package io.matriarch.elector.member;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Electors;
import io.matriarch.elector.vouching.Seal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other members, asked through the HTTP API of their sidecars, under a secret that lies in
 * ZooKeeper. Secret and addresses are kept in memory, for they are needed when ZooKeeper is gone.
 */
public final class HttpElectors implements Electors, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HttpElectors.class);
    private static final String PATH = "/vow";
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(1);
    private static final Duration REHEARSAL_PATIENCE = Duration.ofSeconds(2);

    /** So often what the way to the others consists of is used, to be warm when it counts. */
    private static final int LOOKS_BETWEEN_REHEARSALS = 20;

    private final ClusterConnection cluster;
    private final MemberName self;
    private final Map<MemberName, URI> addresses = new ConcurrentHashMap<>();
    private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
    private final SidecarCalls calls = new SidecarCalls(CONNECT_PATIENCE);
    private final Thread keeper;

    private volatile @Nullable Seal seal;
    private volatile boolean isClosed;

    public HttpElectors(ClusterConnection cluster, MemberName self) {
        this.cluster = cluster;
        this.self = self;
        this.keeper = Thread.ofPlatform().name("electors").daemon().unstarted(this::keep);
    }

    /** Begins to learn the secret, and where everybody is. */
    public HttpElectors open() {
        keeper.start();
        return this;
    }

    private void keep() {
        try {
            for (int looks = 0; !isClosed; looks++) {
                learn();
                boolean isDue = looks % LOOKS_BETWEEN_REHEARSALS == LOOKS_BETWEEN_REHEARSALS / 2;
                if (isDue && isFailsafeOn()) {
                    askAll(addresses.keySet(), member -> "", REHEARSAL_PATIENCE);
                }
                Thread.sleep(LOOK_AGAIN);
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private boolean isFailsafeOn() {
        return cluster.view().map(ClusterView::state).map(ClusterState::electorate).isPresent();
    }

    private void learn() {
        if (!cluster.isConnected()) {
            return;
        }
        cluster.view().map(ClusterView::members).orElse(List.of()).forEach(this::remember);
        if (seal == null) {
            try {
                seal = new Seal(cluster.vowSecret());
            } catch (ClusterException unreachable) {
                // It is asked for again at the next look.
                return;
            }
        }
    }

    private void remember(MemberStatus member) {
        if (!member.name().equals(self)) {
            try {
                addresses.put(member.name(), URI.create(member.sidecar().api() + PATH));
            } catch (IllegalArgumentException e) {
                log.atWarn()
                        .addKeyValue("member", member.name())
                        .addKeyValue("api", member.sidecar().api())
                        .log("a member's API cannot be asked");
            }
        }
    }

    @Override
    public Set<MemberName> vowTo(Appeal appeal, Set<MemberName> members, Duration patience)
            throws InterruptedException {
        Seal own = seal;
        if (own == null) {
            return Set.of();
        }
        Map<MemberName, String> questions = new ConcurrentHashMap<>();
        members.forEach(
                member -> questions.put(member, own.question(appeal, member, calls.nonce())));
        Map<MemberName, String> answers = askAll(members, questions::get, patience);
        Set<MemberName> vowed = new HashSet<>();
        answers.forEach((member, answer) -> {
            String question = questions.get(member);
            if (question != null && own.isVow(answer, question)) {
                vowed.add(member);
            }
        });
        return vowed;
    }

    /** What one member is asked. */
    @FunctionalInterface
    private interface Question {
        @Nullable String to(MemberName member);
    }

    private Map<MemberName, String> askAll(
            Set<MemberName> members, Question question, Duration patience)
            throws InterruptedException {
        Map<MemberName, String> answers = new ConcurrentHashMap<>();
        List<Callable<Boolean>> questions = new ArrayList<>();
        for (MemberName member : members) {
            URI address = addresses.get(member);
            String text = question.to(member);
            if (address != null && text != null) {
                questions.add(() -> {
                    answers.put(member, calls.ask(address, text, patience));
                    return true;
                });
            }
        }
        List<Future<Boolean>> asked =
                asking.invokeAll(questions, patience.toMillis(), TimeUnit.MILLISECONDS);
        asked.forEach(HttpElectors::note);
        return Map.copyOf(answers);
    }

    /** Who could not be asked has not vowed; that is all there is to know. */
    private static void note(Future<Boolean> call) {
        if (call.state() == Future.State.FAILED) {
            log.atDebug().setCause(call.exceptionNow()).log("a member was not reached");
        }
    }

    /**
     * Answers a question that has come by HTTP.
     *
     * @param vow this member's own word on an appeal that is proven to come from its cluster
     */
    public String answer(String question, Predicate<Appeal> vow) {
        Seal own = seal;
        if (own == null || question.isEmpty()) {
            return Seal.REFUSED;
        }
        return own.read(question, self)
                .filter(vow)
                .map(granted -> own.vow(question))
                .orElse(Seal.REFUSED);
    }

    @Override
    public void close() {
        isClosed = true;
        keeper.interrupt();
        asking.shutdownNow();
        calls.close();
    }
}
