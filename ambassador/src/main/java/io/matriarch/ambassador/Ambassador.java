package io.matriarch.ambassador;

import io.matriarch.ambassador.relay.Relay;
import io.matriarch.ambassador.relay.RelayListener;
import io.matriarch.ambassador.relay.Transport;
import io.matriarch.ambassador.view.Permit;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.host.BootClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

    private Ambassador(
            AmbassadorSettings settings,
            Transport transport,
            BootClock clock,
            AmbassadorListener listener)
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
                        new Outward(file, listener, outward));
    }

    /**
     * Listens when this returns; until the first view new connections wait.
     *
     * @throws io.matriarch.ambassador.relay.RelayException if an address cannot be had
     */
    public static Ambassador open(
            AmbassadorSettings settings, BootClock clock, AmbassadorListener listener)
            throws InterruptedException {
        return open(settings, Transport.best(), clock, listener);
    }

    /**
     * As {@link #open(AmbassadorSettings, BootClock, AmbassadorListener)}, with a given transport.
     */
    public static Ambassador open(
            AmbassadorSettings settings,
            Transport transport,
            BootClock clock,
            AmbassadorListener listener)
            throws InterruptedException {
        return new Ambassador(settings, transport, clock, listener);
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
        outward.close();
    }

    /** Carries epochs to the disk and to the listener, away from the thread that decides. */
    private record Outward(
            @Nullable EpochFile file, AmbassadorListener listener, ExecutorService thread)
            implements RelayListener {

        @Override
        public void onSeen(Epoch epoch) {
            if (file != null) {
                thread.execute(() -> remember(file, epoch));
            }
        }

        @Override
        public void onApplied(Epoch epoch) {
            thread.execute(() -> listener.onEpochApplied(epoch));
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
