package io.matriarch.elector.simulation.model;

import io.matriarch.elector.decision.Decider;
import io.matriarch.elector.enactment.Activity;
import io.matriarch.elector.enactment.ElectorListener;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.enactment.Pace;
import io.matriarch.elector.enactment.RewindSource;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.ZooKeeperClient;
import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Settings.Synchrony;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One sidecar: the real cycle and the real renewals of the elector, on simulated surroundings. */
public final class SidecarModel {

    private static final long FAILURE_PAUSE = 2 * VirtualTime.SECONDS;

    private final World world;
    private final Host host;
    private final ControlFiles control;

    private Lifetime life;
    private Lifetime.Gate bell;
    private @Nullable MemberCycle cycle;

    SidecarModel(World world, Host host, ControlFiles control) {
        this.world = world;
        this.host = host;
        this.control = control;
        this.life = new Lifetime(world.time());
        this.bell = life.gate();
        life.kill();
    }

    public Lifetime life() {
        return life;
    }

    public @Nullable MemberCycle cycle() {
        return life.isDead() ? null : cycle;
    }

    void kill() {
        life.kill();
    }

    void wake() {
        bell.open();
    }

    void open() {
        Lifetime own = new Lifetime(world.time());
        life = own;
        Lifetime.Gate ownBell = own.gate();
        bell = ownBell;
        ZooKeeperClient client = new ZooKeeperClient(world, host, own, ownBell::open);
        Surroundings around =
                new Surroundings(
                        client.picture(),
                        client,
                        control.channel(own),
                        host.bootId(),
                        new ServerModel(world, host, own),
                        host.disk().files(own),
                        host.disk().marks(own),
                        new Surroundings.Sources(new Primary(own), host.disk().archive(own)),
                        new ElectorsModel(world, host, own),
                        new Surroundings.Activities(
                                new LongAct(own, ownBell),
                                new LongAct(own, ownBell),
                                new LongAct(own, ownBell)),
                        new OwnPace(own),
                        new Listener());
        Defect defect = world.defect();
        MemberCycle fresh =
                new MemberCycle(
                        defect.around(host, around),
                        profile(defect),
                        defect.decider(host, new Decider()::decide));
        cycle = fresh;
        own.fork(() -> {
            while (true) {
                Duration pause = fresh.turn();
                ownBell.await(pause.toMillis() * VirtualTime.MILLIS);
                own.sleep(world.chance().between(200, 3_000));
            }
        });
        own.fork(() -> {
            while (true) {
                own.sleep(
                        fresh.authority().uphold().toMillis() * VirtualTime.MILLIS
                                + world.chance().between(0, 3_000));
            }
        });
        own.fork(() -> {
            while (true) {
                own.sleep(
                        defect.renew(host, fresh).toMillis() * VirtualTime.MILLIS
                                + world.chance().between(0, 3_000));
            }
        });
    }

    private MemberCycle.Profile profile(Defect defect) {
        Plan plan = world.plan();
        return new MemberCycle.Profile(
                "simulated",
                new Situation.Identity(host.name(), "incarnation-" + host.name(), host.endpoint()),
                new Settings(
                        host.name(),
                        plan.priorityOf(host.number()),
                        true,
                        new Synchrony(plan.mode(), plan.quorum()),
                        plan.patience(),
                        plan.failsafe(),
                        plan.preference().concession(),
                        plan.preference().mostLoss()),
                defect.lease(plan.lease()),
                "http://" + host.name(),
                "simulated");
    }

    /** What one life of this sidecar finds where the data of a repair comes from. */
    private final class Primary implements RewindSource {
        private final Lifetime own;

        Primary(Lifetime own) {
            this.own = own;
        }

        private boolean answers(Endpoint primary) {
            own.sleep(world.chance().between(2, 30) * VirtualTime.MILLIS);
            Host other = world.host(primary);
            return other.postgres().acceptsConnections()
                    && world.network().isOpen(host.number(), other.number());
        }

        @Override
        public TimelineHistory bringToDisk(Endpoint primary, TimelineId timeline) {
            if (!answers(primary)) {
                throw ServerModel.noAnswer();
            }
            Host other = world.host(primary);
            other.postgres().checkpoint(false);
            Data theirs = other.postgres().data();
            return theirs.branch.at(theirs.end).history();
        }

        @Override
        public Lsn endOfLog(Endpoint primary) {
            if (!answers(primary)) {
                throw ServerModel.noAnswer();
            }
            return new Lsn(world.host(primary).postgres().data().end);
        }

        @Override
        public boolean letsReplicate(Endpoint primary) {
            return answers(primary);
        }
    }

    private static final class LongAct implements Activity {
        private final Lifetime own;
        private final Lifetime.Gate ownBell;
        private boolean isRunning;
        private String name = "";

        LongAct(Lifetime own, Lifetime.Gate ownBell) {
            this.own = own;
            this.ownBell = ownBell;
        }

        @Override
        public boolean isRunning() {
            return isRunning;
        }

        @Override
        public String name() {
            return isRunning ? name : "";
        }

        @Override
        public void begin(String what, Act act) {
            if (isRunning) {
                return;
            }
            isRunning = true;
            name = what;
            own.fork(() -> {
                try {
                    act.run();
                } catch (TimeoutException | RuntimeException failed) {
                    own.sleep(FAILURE_PAUSE);
                } finally {
                    isRunning = false;
                    ownBell.open();
                }
            });
        }
    }

    private final class OwnPace implements Pace {
        private final Lifetime own;

        OwnPace(Lifetime own) {
            this.own = own;
        }

        @Override
        public BootTime now() {
            return host.bootTime();
        }

        @Override
        public void pause(Duration length) {
            own.sleep(length.toMillis() * VirtualTime.MILLIS);
        }

        @Override
        public Instant date() {
            return Instant.EPOCH;
        }
    }

    private static final class Listener implements ElectorListener {

        @Override
        public Optional<ArchivingReport> archiving() {
            return Optional.empty();
        }

        @Override
        public void onReady(ClusterState state, TimelineHistory history) {}

        @Override
        public void onDataReplaced() {}
    }
}
