package io.matriarch.ambassador;

import io.matriarch.ambassador.core.ConnectionId;
import io.matriarch.ambassador.core.Question;
import io.matriarch.ambassador.relay.Relay;
import io.matriarch.ambassador.relay.RelayListener;
import io.matriarch.ambassador.relay.SessionQuestion;
import io.matriarch.ambassador.relay.Transport;
import io.matriarch.ambassador.view.Permit;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.host.BootClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP proxy in front of a cluster: its read-write port always leads to the present primary, its
 * read-only port to the standbys. Without a primary new connections wait; a higher epoch cuts every
 * session of a lower one.
 *
 * <p>Whoever watches the store hands in what it sees; no method but {@link #close} blocks, and any
 * thread may call them, one view after the other.
 */
public final class Ambassador implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Ambassador.class);

    private final AmbassadorSettings settings;
    private final BootClock clock;
    private final Relay relay;
    private final ExecutorService outward =
            Executors.newSingleThreadExecutor(
                    Thread.ofVirtual().name("ambassador-outward").factory());

    private final ExecutorService asking =
            Executors.newSingleThreadExecutor(
                    Thread.ofVirtual().name("ambassador-asking").factory());

    private Ambassador(
            AmbassadorSettings settings, Transport transport, BootClock clock, Outside outside)
            throws InterruptedException {
        this.settings = settings;
        this.clock = clock;
        Path directory = settings.stateDirectory();
        @Nullable EpochFile file = directory == null ? null : new EpochFile(directory);
        Epoch remembered = file == null ? Epoch.NONE : file.read();
        this.relay =
                new Relay(
                        settings.relay(),
                        transport,
                        clock,
                        RoutingTable.initial(remembered),
                        new Outward(file, outside, outward, asking, this::answer));
    }

    /** Whom it tells, and whom it asks. */
    public record Outside(AmbassadorListener listener, Handovers handovers) {}

    private void answer(Question question, Map<ConnectionId, Owed> answer) {
        relay.answer(question, answer);
    }

    /**
     * Listens when this returns; until the first view new connections wait.
     *
     * @throws io.matriarch.ambassador.relay.RelayException if an address cannot be had
     */
    public static Ambassador open(AmbassadorSettings settings, BootClock clock, Outside outside)
            throws InterruptedException {
        return open(settings, Transport.best(), clock, outside);
    }

    /** As {@link #open(AmbassadorSettings, BootClock, Outside)}, with a given transport. */
    public static Ambassador open(
            AmbassadorSettings settings, Transport transport, BootClock clock, Outside outside)
            throws InterruptedException {
        return new Ambassador(settings, transport, clock, outside);
    }

    /**
     * The cluster as the store shows it.
     *
     * @param askedAt before the read was sent
     */
    public void onView(ClusterView view, BootTime askedAt) {
        relay.change(table -> table.with(view, askedAt, settings.routing()));
    }

    /** The connection to the store is gone. The last primary stays the route until contradicted. */
    public void onViewLost() {
        relay.change(RoutingTable::withoutStore);
    }

    /** The primary's sidecar itself said for how long it holds its epoch. */
    public void onAttestation(Permit attested) {
        relay.change(table -> table.with(attested));
    }

    /** Where the read-write port really listens. */
    public InetSocketAddress readWrite() {
        return relay.readWrite();
    }

    /** Where the read-only port really listens. */
    public InetSocketAddress readOnly() {
        return relay.readOnly();
    }

    /** From memory, at most a few ten milliseconds old. */
    public AmbassadorStatus status() {
        return AmbassadorStatus.of(relay.status(), clock.now());
    }

    /** Closes both ports and every connection. */
    @Override
    public void close() {
        relay.close();
        asking.shutdownNow();
        outward.close();
    }

    /** Where the relay takes an answer. */
    @FunctionalInterface
    private interface Answers {
        void answer(Question question, Map<ConnectionId, Owed> answer);
    }

    /**
     * Carries epochs to the disk and to the listener, and questions to the primary, away from the
     * thread that decides.
     */
    private record Outward(
            @Nullable EpochFile file,
            Outside outside,
            ExecutorService thread,
            ExecutorService asking,
            Answers answers)
            implements RelayListener {

        @Override
        public void onSeen(Epoch epoch) {
            if (file != null) {
                thread.execute(() -> remember(file, epoch));
            }
        }

        @Override
        public void onApplied(Epoch epoch) {
            thread.execute(() -> outside.listener().onEpochApplied(epoch));
        }

        @Override
        public void onDrained(Epoch epoch) {
            thread.execute(() -> outside.handovers().onDrained(epoch));
        }

        @Override
        public void onQuestion(SessionQuestion question) {
            try {
                asking.execute(() -> answers.answer(question.question(), ask(question)));
            } catch (RejectedExecutionException closing) {
                log.atDebug().setCause(closing).log("a primary is not asked any more");
            }
        }

        private Map<ConnectionId, Owed> ask(SessionQuestion question) {
            Map<ConnectionId, Owed> answer = new HashMap<>();
            try {
                Map<InetSocketAddress, Owed> said =
                        outside.handovers()
                                .ask(question.question().primary(), question.from().values());
                question.from()
                        .forEach((id, from) -> {
                            Owed owed = said.get(from);
                            if (owed != null) {
                                answer.put(id, owed);
                            }
                        });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                // Who is not answered for goes on, and is asked about again.
                log.atWarn().addKeyValue("error", e).log("the primary was not asked");
            }
            return answer;
        }

        private static void remember(EpochFile file, Epoch epoch) {
            try {
                file.write(epoch);
            } catch (IOException e) {
                log.atWarn()
                        .addKeyValue("epoch", epoch)
                        .addKeyValue("error", e)
                        .log("highest epoch was not written");
            }
        }
    }
}
