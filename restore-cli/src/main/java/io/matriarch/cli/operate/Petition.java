package io.matriarch.cli.operate;

import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to the cluster, from asking to the answer. It is withdrawn in any case, also when a
 * person ends the command: what nobody waits for must not happen later.
 */
final class Petition {

    private static final Duration LOOK = Duration.ofMillis(500);

    private final ClusterSession session;
    private final Consumer<String> news;
    private final Consumer<Request> watch;

    /**
     * @param news hears of every change of the request's message
     */
    Petition(ClusterSession session, Consumer<String> news) {
        this(session, news, request -> {});
    }

    /**
     * @param watch is called twice a second while we wait
     */
    Petition(ClusterSession session, Consumer<String> news, Consumer<Request> watch) {
        this.session = session;
        this.news = news;
        this.watch = watch;
    }

    /** The document of an outcome, on several lines. */
    static String document(Request over) {
        return ClusterJson.read(over.result().getBytes(StandardCharsets.UTF_8), JsonNode.class)
                .map(ClusterJson::prettyText)
                .orElse("{}");
    }

    /**
     * Asks, and waits until the cluster has done it.
     *
     * @throws CommandFailure if it refused, failed, or did not end in time
     */
    Request run(
            Kind kind,
            @Nullable MemberName member,
            Map<String, String> arguments,
            Duration patience)
            throws InterruptedException {
        Request request = Request.of(UUID.randomUUID().toString(), kind, member, arguments);
        Thread withdrawal = Thread.ofPlatform().unstarted(() -> withdraw(request.id()));
        Runtime.getRuntime().addShutdownHook(withdrawal);
        session.connection().ask(request);
        try {
            return follow(request, patience);
        } finally {
            withdraw(request.id());
            try {
                Runtime.getRuntime().removeShutdownHook(withdrawal);
            } catch (IllegalStateException alreadyEnding) {
                // It runs already, and does no harm.
            }
        }
    }

    private void withdraw(String id) {
        try {
            session.connection().withdraw(id);
        } catch (ClusterException e) {
            news.accept("the request " + id + " could not be withdrawn: " + e.getMessage());
        }
    }

    private Request follow(Request asked, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Request last = asked;
        boolean wasSeen = false;
        boolean hasRun = false;
        while (true) {
            Request before = last;
            boolean wasSeenBefore = wasSeen;
            watch.accept(before);
            Optional<Request> now = session.await(() -> change(before, wasSeenBefore), LOOK);
            if (now.isPresent()) {
                wasSeen = true;
                last = now.get();
                tell(before, last);
            } else if (wasSeen && seen(asked.id()).isEmpty()) {
                throw CommandFailure.failed(
                        "the request was withdrawn by somebody else",
                        "see with 'matriarch status' what holds now, then ask again");
            }
            if (last.isOver()) {
                return done(hasRun, last);
            }
            hasRun |= last.progress() == Progress.RUNNING;
            if (System.nanoTime() > deadline) {
                throw timedOut(last, patience);
            }
        }
    }

    private Optional<Request> seen(String id) {
        return session.connection().requests().stream()
                .filter(request -> request.id().equals(id))
                .findFirst();
    }

    private Optional<Request> change(Request before, boolean wasSeen) {
        return seen(before.id()).filter(now -> !wasSeen || !now.equals(before));
    }

    private void tell(Request before, Request now) {
        if (!now.isOver() && !now.message().equals(before.message())) {
            news.accept(now.message());
        }
    }

    /** What was refused before it ran has changed nothing. */
    private static Request done(boolean hasRun, Request over) {
        if (over.progress() == Progress.DONE) {
            return over;
        }
        throw new CommandFailure(
                hasRun ? ExitStatus.FAILED : ExitStatus.REFUSED,
                name(over) + (hasRun ? " failed: " : " refused: ") + over.message(),
                "'matriarch status' shows what holds now");
    }

    private static CommandFailure timedOut(Request last, Duration patience) {
        boolean isRunning = last.progress() == Progress.RUNNING;
        return new CommandFailure(
                ExitStatus.TIMED_OUT,
                name(last)
                        + (isRunning ? " is still under way" : " was not taken up")
                        + " after "
                        + patience.toSeconds()
                        + " s",
                isRunning
                        ? "it may still end; 'matriarch status' shows what holds"
                        : "it was withdrawn; see with 'matriarch status' whether there is a"
                                + " primary");
    }

    private static String name(Request request) {
        return switch (request.kind()) {
            case SWITCHOVER -> "switchover";
            case BACKUP -> "backup";
            case PRUNE -> "pruning";
        };
    }
}
