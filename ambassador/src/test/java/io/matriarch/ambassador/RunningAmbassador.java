package io.matriarch.ambassador;

import io.matriarch.ambassador.core.HoldSettings;
import io.matriarch.ambassador.relay.Transport;
import io.matriarch.ambassador.view.SampleCluster;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.host.BootClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A running ambassador and the cluster that is shown to it. */
final class RunningAmbassador implements AutoCloseable {

    private static final BootClock CLOCK = BootClock.ofThisHost();

    final SampleCluster cluster = new SampleCluster();
    final List<Epoch> applied = new CopyOnWriteArrayList<>();
    final Ambassador ambassador;

    RunningAmbassador(AmbassadorSettings settings, Transport transport)
            throws InterruptedException {
        this(settings, transport, Handovers.unaided());
    }

    RunningAmbassador(AmbassadorSettings settings, Transport transport, Handovers handovers)
            throws InterruptedException {
        ambassador =
                Ambassador.open(
                        settings,
                        transport,
                        CLOCK,
                        new Ambassador.Outside(applied::add, handovers));
    }

    static AmbassadorSettings settings() {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return AmbassadorSettings.on(any, any);
    }

    static HoldSettings hold(int maxHeld, long maxWaitMillis, long readOnlyWaitMillis) {
        return new HoldSettings(
                maxHeld,
                Duration.ofMillis(maxWaitMillis),
                Duration.ofMillis(readOnlyWaitMillis),
                true,
                Duration.ofMillis(100));
    }

    static RunningAmbassador open() throws InterruptedException {
        return new RunningAmbassador(settings(), Transport.best());
    }

    static RunningAmbassador open(AmbassadorSettings settings) throws InterruptedException {
        return new RunningAmbassador(settings, Transport.best());
    }

    RunningAmbassador with(String member, FakeServer server) {
        cluster.add(member, server.endpoint());
        return this;
    }

    RunningAmbassador show(long epoch, Phase phase, String primary) {
        ambassador.onView(cluster.view(epoch, phase, primary), CLOCK.now());
        return this;
    }

    AmbassadorStatus status() {
        return ambassador.status();
    }

    InetSocketAddress readWrite() {
        return ambassador.readWrite();
    }

    InetSocketAddress readOnly() {
        return ambassador.readOnly();
    }

    @Override
    public void close() {
        ambassador.close();
    }
}
