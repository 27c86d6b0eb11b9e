package io.matriarch.elector.simulation;

import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.model.Branch;
import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.SupervisorModel;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.Ensemble;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A history told line by line, for whoever replays a seed. */
final class Telling implements Witness, Defect {

    private final Consumer<String> out;
    private final Defect planted;
    private @Nullable World world;

    Telling(Consumer<String> out, Defect planted) {
        this.out = out;
        this.planted = planted;
    }

    void of(World told) {
        world = told;
        told.watchedBy(this);
    }

    private void say(Object who, String what) {
        World told = world;
        long now = told == null ? 0 : told.time().now();
        out.accept("%9.3f  %s  %s".formatted(now / (double) VirtualTime.SECONDS, who, what));
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        say(
                "zk",
                "state: epoch %s, %s is %s, timeline %s, synchronous %s, electorate %s"
                        .formatted(
                                after.epoch(),
                                after.primary(),
                                after.phase(),
                                after.lineage().timeline(),
                                after.synchronous(),
                                after.electorate()));
    }

    @Override
    public void onBallot(Ballot ballot) {
        say("zk", ballot.toString());
    }

    @Override
    public void onVow(Host host, Appeal appeal) {
        say(host, "vows to " + appeal.primary() + ", epoch " + appeal.epoch());
    }

    @Override
    public void onExpiry(Ensemble.Session session) {
        say("zk", session + " of " + session.host() + " expires");
    }

    @Override
    public void onLease(Host host, LeaseRecord lease) {
        if (!lease.mayBePrimary()) {
            say(host, "lease taken back");
        }
    }

    @Override
    public void onStart(Host host, Data data, boolean asPrimary) {
        say(host, "starts as " + (asPrimary ? "primary" : "standby") + " on " + data);
    }

    @Override
    public void onWritable(Host host, @Nullable Branch from) {
        say(host, "takes writes on " + host.disk().data());
    }

    @Override
    public void onStop(Host host, boolean isImmediate, boolean isFence) {
        say(host, isFence ? "is fenced" : "is stopped" + (isImmediate ? " immediately" : ""));
    }

    @Override
    public void onFounded(Host host) {
        say(host, "initdb is done");
    }

    @Override
    public Function<Situation, Decision> decider(Host host, Function<Situation, Decision> right) {
        Function<Situation, Decision> told = planted.decider(host, right);
        String[] last = {""};
        return now -> {
            Decision decision = told.apply(now);
            String text = decision.getClass().getSimpleName() + ": " + decision.reason();
            if (!text.equals(last[0])) {
                last[0] = text;
                say(host, text + "   [" + now.postgres().getClass().getSimpleName() + "]");
            }
            return decision;
        };
    }

    @Override
    public Surroundings around(Host host, Surroundings right) {
        return planted.around(host, right);
    }

    @Override
    public Duration renew(Host host, MemberCycle cycle) {
        return planted.renew(host, cycle);
    }

    @Override
    public boolean grant(Vows right, Appeal appeal, BootTime now) {
        return planted.grant(right, appeal, now);
    }

    @Override
    public LeaseSettings lease(LeaseSettings right) {
        return planted.lease(right);
    }

    @Override
    public SupervisorModel.Rules supervisor() {
        return planted.supervisor();
    }
}
