package io.matriarch.elector.simulation.model;

import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.zookeeper.Ensemble;
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

    void begin() {
        switch (fault.kind()) {
            case SIDECAR_KILLED -> host.sidecar().kill();
            case SIDECAR_FROZEN -> freeze(host.sidecar().life());
            case SUPERVISOR_KILLED -> host.supervisor().kill();
            case SUPERVISOR_FROZEN -> freeze(host.supervisor().life());
            case POSTMASTER_KILLED -> host.postgres().orphan();
            case POSTGRES_KILLED -> host.postgres().kill();
            case POSTGRES_FROZEN -> freeze(host.postgres().life());
            case STARTS_FAIL -> host.postgres().failStarts(1);
            case HOST_FROZEN -> {
                freeze(host.sidecar().life());
                freeze(host.supervisor().life());
                freeze(host.postgres().life());
            }
            case HOST_CRASHED -> isWithoutPower = host.crash();
            case WALL_CLOCK_STEPPED -> host.stepWallClock(fault.end() % 2 == 0 ? -5000 : 5000);
            case ZOOKEEPER_SERVER_KILLED -> world.ensemble().kill(server());
            case ZOOKEEPER_LEADER_CHANGED -> world.ensemble().elect();
            case ZOOKEEPER_FOLLOWER_CUT_OFF -> world.ensemble().cutOff(server(), true);
            case ZOOKEEPER_DOWN -> allServers(world.ensemble()::kill);
            case ZOOKEEPER_SLOW -> world.ensemble().slow(slowness());
            case SWITCHOVER -> world.askForSwitchover(fault.host() == 0 ? null : other);
            case CUT_FROM_ZOOKEEPER,
                    CUT_FROM_ONE_SERVER,
                    DEAF_TO_ZOOKEEPER,
                    MUTE_TO_ZOOKEEPER,
                    CUT_FROM_MEMBER,
                    DEAF_TO_MEMBER,
                    CUT_FROM_EVERYBODY,
                    CUT_FROM_CLIENTS,
                    SLOW_NETWORK ->
                    links(1);
        }
    }

    void end() {
        switch (fault.kind()) {
            case SIDECAR_KILLED -> host.reviveSidecar();
            case SUPERVISOR_KILLED -> host.reviveSupervisor();
            case SIDECAR_FROZEN, SUPERVISOR_FROZEN, POSTGRES_FROZEN, HOST_FROZEN ->
                    frozen.forEach(Lifetime::thaw);
            case STARTS_FAIL -> host.postgres().failStarts(-1);
            case HOST_CRASHED -> {
                if (isWithoutPower) {
                    host.boot();
                }
            }
            case ZOOKEEPER_SERVER_KILLED -> world.ensemble().restart(server());
            case ZOOKEEPER_DOWN -> allServers(world.ensemble()::restart);
            case ZOOKEEPER_SLOW -> world.ensemble().slow(-slowness());
            case ZOOKEEPER_FOLLOWER_CUT_OFF -> world.ensemble().cutOff(server(), false);
            case POSTMASTER_KILLED,
                    POSTGRES_KILLED,
                    WALL_CLOCK_STEPPED,
                    ZOOKEEPER_LEADER_CHANGED,
                    SWITCHOVER -> {}
            case CUT_FROM_ZOOKEEPER,
                    CUT_FROM_ONE_SERVER,
                    DEAF_TO_ZOOKEEPER,
                    MUTE_TO_ZOOKEEPER,
                    CUT_FROM_MEMBER,
                    DEAF_TO_MEMBER,
                    CUT_FROM_EVERYBODY,
                    CUT_FROM_CLIENTS,
                    SLOW_NETWORK ->
                    links(-1);
        }
    }

    private void freeze(Lifetime life) {
        life.freeze();
        frozen.add(life);
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

    // Links. A sign of 1 cuts, of -1 joins.

    private void links(int sign) {
        Network network = world.network();
        int here = host.number();
        switch (fault.kind()) {
            case CUT_FROM_ONE_SERVER -> both(here, network.server(server()), sign);
            case CUT_FROM_MEMBER -> both(here, other.number(), sign);
            case DEAF_TO_MEMBER -> network.cut(other.number(), here, sign);
            case CUT_FROM_CLIENTS -> both(here, network.clients(), sign);
            case CUT_FROM_ZOOKEEPER -> allServers(to -> both(here, network.server(to), sign));
            case DEAF_TO_ZOOKEEPER -> allServers(to -> network.cut(network.server(to), here, sign));
            case MUTE_TO_ZOOKEEPER -> allServers(to -> network.cut(here, network.server(to), sign));
            case CUT_FROM_EVERYBODY -> {
                for (int party = 0; party < network.clients(); party++) {
                    if (party != here) {
                        both(here, party, sign);
                    }
                }
            }
            default -> {
                for (int party = 0; party < network.parties(); party++) {
                    network.slow(here, party, sign * slowness() / 8);
                    network.slow(party, here, sign * slowness() / 8);
                }
            }
        }
    }

    private void both(int one, int two, int sign) {
        world.network().cut(one, two, sign);
        world.network().cut(two, one, sign);
    }
}
