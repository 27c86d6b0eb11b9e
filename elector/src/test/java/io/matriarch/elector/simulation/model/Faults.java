package io.matriarch.elector.simulation.model;

import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.zookeeper.Ensemble;
import io.matriarch.elector.situation.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Makes faults happen, and end. What is gone when one ends may have been replaced meanwhile. */
final class Faults {

    private final World world;
    private final Fault fault;
    private final Host host;
    private final Host other;
    private final List<Lifetime> frozen = new ArrayList<>();
    private boolean isWithoutPower;

    Faults(World world, Fault fault) {
        this.world = world;
        this.fault = fault;
        this.host = world.hosts().get(fault.host());
        this.other = world.hosts().get(fault.other());
    }

    /** What one does, and what becomes of it. */
    private record Effect(Runnable begin, Runnable end) {}

    void begin() {
        effect().begin().run();
    }

    void end() {
        effect().end().run();
    }

    private Effect effect() {
        Ensemble ensemble = world.ensemble();
        Network network = world.network();
        int here = host.number();
        return switch (fault.kind()) {
            case SIDECAR_KILLED -> new Effect(() -> host.sidecar().kill(), host::reviveSidecar);
            case SIDECAR_FROZEN -> frozen(() -> freeze(host.sidecar().life()));
            case SUPERVISOR_KILLED ->
                    new Effect(() -> host.supervisor().kill(), host::reviveSupervisor);
            case SUPERVISOR_FROZEN -> frozen(() -> freeze(host.supervisor().life()));
            case POSTMASTER_KILLED -> once(() -> host.postgres().orphan());
            case POSTGRES_KILLED -> once(() -> host.postgres().kill());
            case POSTGRES_FROZEN -> frozen(() -> freeze(host.postgres().life()));
            case STARTS_FAIL -> signed(sign -> host.postgres().failStarts(sign));
            case DISK_FULL -> signed(sign -> host.disk().fill(sign));
            case HOST_FROZEN -> frozen(this::freezeHost);
            case HOST_CRASHED ->
                    new Effect(() -> isWithoutPower = host.crash(), this::restorePower);
            case WALL_CLOCK_STEPPED ->
                    once(() -> host.stepWallClock(fault.end() % 2 == 0 ? -5000 : 5000));
            case CUT_FROM_ZOOKEEPER ->
                    signed(sign -> allServers(to -> both(here, network.server(to), sign)));
            case CUT_FROM_ONE_SERVER -> signed(sign -> both(here, network.server(server()), sign));
            case DEAF_TO_ZOOKEEPER ->
                    signed(sign -> allServers(to -> network.cut(network.server(to), here, sign)));
            case MUTE_TO_ZOOKEEPER ->
                    signed(sign -> allServers(to -> network.cut(here, network.server(to), sign)));
            case CUT_FROM_MEMBER -> signed(sign -> both(here, other.number(), sign));
            case DEAF_TO_MEMBER -> signed(sign -> network.cut(other.number(), here, sign));
            case CUT_FROM_EVERYBODY -> signed(this::everybody);
            case CUT_FROM_CLIENTS -> signed(sign -> both(here, network.clients(), sign));
            case SLOW_NETWORK -> signed(this::slowNetwork);
            case ZOOKEEPER_SERVER_KILLED ->
                    new Effect(() -> ensemble.kill(server()), () -> ensemble.restart(server()));
            case ZOOKEEPER_LEADER_CHANGED -> once(ensemble::elect);
            case ZOOKEEPER_FOLLOWER_CUT_OFF -> signed(sign -> ensemble.cutOff(server(), sign > 0));
            case ZOOKEEPER_DOWN ->
                    new Effect(
                            () -> allServers(ensemble::kill), () -> allServers(ensemble::restart));
            case ZOOKEEPER_SLOW -> signed(sign -> ensemble.slow(sign * slowness()));
            case DATA_LOST -> new Effect(this::loseData, this::restorePower);
            case WAL_LOST -> once(() -> host.disk().loseWal());
            case ASIDE_LEFT -> once(() -> host.disk().leaveAside());
            case CHECKPOINTS_HANG -> signed(sign -> host.disk().holdCheckpoints(sign));
            case CHECKPOINTS_FAIL -> signed(sign -> host.disk().failCheckpoints(sign));
            case POSTGRES_HANGS -> once(() -> host.postgres().life().freeze());
            case DATA_UNREADABLE -> new Effect(this::hideData, () -> hide(false));
            case VOLUME_HANGS -> new Effect(this::hangVolume, () -> host.disk().hang(false));
            case SWITCHOVER -> once(() -> world.askForSwitchover(fault.host() == 0 ? null : other));
        };
    }

    /** What is over when it has begun. */
    private static Effect once(Runnable act) {
        return new Effect(act, () -> {});
    }

    /** What is done with 1 and undone with -1. */
    private static Effect signed(IntConsumer act) {
        return new Effect(() -> act.accept(1), () -> act.accept(-1));
    }

    private Effect frozen(Runnable freezing) {
        return new Effect(freezing, () -> frozen.forEach(Lifetime::thaw));
    }

    private void freezeHost() {
        freeze(host.sidecar().life());
        freeze(host.supervisor().life());
        freeze(host.postgres().life());
    }

    private void freeze(Lifetime life) {
        life.freeze();
        frozen.add(life);
    }

    /** Who has the only copy of something must not lose it. */
    private void loseData() {
        ClusterState state = world.state();
        if (state != null && !state.primary().equals(host.name()) && host.crash()) {
            isWithoutPower = true;
            host.disk().loseData();
        }
    }

    private void hideData() {
        hide(true);
        host.postgres().kill();
    }

    private void hide(boolean from) {
        if (host.disk().data() != null) {
            host.disk().existing().isHidden = from;
        }
    }

    private void hangVolume() {
        host.disk().hang(true);
        host.postgres().life().freeze();
    }

    private void restorePower() {
        if (isWithoutPower) {
            host.boot();
        }
    }

    private int server() {
        return (int) (fault.begin() % Ensemble.SERVERS);
    }

    private long slowness() {
        return fault.begin() % 3_300_000;
    }

    private static void allServers(IntConsumer act) {
        for (int server = 0; server < Ensemble.SERVERS; server++) {
            act.accept(server);
        }
    }

    private void everybody(int sign) {
        for (int party = 0; party < world.network().clients(); party++) {
            if (party != host.number()) {
                both(host.number(), party, sign);
            }
        }
    }

    private void slowNetwork(int sign) {
        Network network = world.network();
        for (int party = 0; party < network.parties(); party++) {
            network.slow(host.number(), party, sign * slowness() / 8);
            network.slow(party, host.number(), sign * slowness() / 8);
        }
    }

    /** A sign of 1 cuts, of -1 joins. */
    private void both(int one, int two, int sign) {
        world.network().cut(one, two, sign);
        world.network().cut(two, one, sign);
    }
}
