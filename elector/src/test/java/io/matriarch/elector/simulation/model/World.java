package io.matriarch.elector.simulation.model;

import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.Ensemble;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/** One cluster with everything around it, and all who watch it. */
public final class World {

    static final int PORT = 5432;

    private static final long BEGINNING = 0x1000000;
    private static final SystemIdentifier SYSTEM = new SystemIdentifier(77);

    private final Plan plan;
    private final Defect defect;
    private final VirtualTime time = new VirtualTime();
    private final Chance chance;
    private final Network network;
    private final Ensemble ensemble;
    private final List<Host> hosts = new ArrayList<>();
    private final List<Witness> witnesses = new ArrayList<>();
    private int foundings;
    private int requests;
    private @Nullable ClusterState state;
    private long digest;

    public World(Plan plan, Defect defect) {
        this.plan = plan;
        this.defect = defect;
        this.chance = new Chance(plan.seed() * 31 + 7);
        this.network = new Network(chance.split(), plan.members());
        this.ensemble =
                new Ensemble(time, chance.split(), plan.tick(), plan.rateOf(plan.members()), this);
        for (int i = 0; i < plan.members(); i++) {
            hosts.add(new Host(this, i));
        }
    }

    public Plan plan() {
        return plan;
    }

    public VirtualTime time() {
        return time;
    }

    public Chance chance() {
        return chance;
    }

    public Network network() {
        return network;
    }

    public Ensemble ensemble() {
        return ensemble;
    }

    public List<Host> hosts() {
        return hosts;
    }

    Defect defect() {
        return defect;
    }

    Host host(Endpoint endpoint) {
        for (Host host : hosts) {
            if (host.endpoint().equals(endpoint)) {
                return host;
            }
        }
        throw new IllegalStateException("nobody listens at " + endpoint);
    }

    public Host host(String name) {
        return host(new Endpoint(name, PORT));
    }

    /** A data directory of the cluster with this system identifier; absent if there is none. */
    @Nullable Data dataOf(SystemIdentifier cluster) {
        for (Host host : hosts) {
            Data data = host.disk().data();
            if (data != null && data.system.equals(cluster)) {
                return data;
            }
        }
        return null;
    }

    int foundings() {
        return foundings++;
    }

    /** The record of authority as ZooKeeper has it; absent before there is a cluster. */
    public @Nullable ClusterState state() {
        return state;
    }

    /** Until a new cluster is ready there is no role that an application could use. */
    boolean isOpenToApplications(Data data) {
        ClusterState present = state;
        return present != null && data.system.equals(present.systemIdentifier());
    }

    // Witnesses.

    public void watchedBy(Witness witness) {
        witnesses.add(witness);
    }

    void tell(Consumer<Witness> what) {
        for (Witness witness : witnesses) {
            what.accept(witness);
        }
    }

    /** What was written last, seen at the servers themselves. */
    public void onWritten(String path, String content) {
        digest = digest * 31 + time.now() + content.hashCode();
        if (path.equals("state")) {
            ClusterState before = state;
            ClusterState after = ClusterJson.read(content, ClusterState.class).orElseThrow();
            state = after;
            tell(witness -> witness.onState(before, after));
        } else if (path.equals("renewal")) {
            ClusterJson.read(content, Renewal.class)
                    .ifPresent(renewal -> tell(witness -> witness.onRenewal(renewal)));
        } else if (path.startsWith("ballots/")) {
            var ballot = ClusterJson.read(content, Ballot.class).orElseThrow();
            tell(witness -> witness.onBallot(ballot));
        }
    }

    public void onExpiry(Ensemble.Session session) {
        tell(witness -> witness.onExpiry(session));
    }

    /** A number that differs between histories that went differently. */
    public long digest() {
        return digest;
    }

    // Running.

    /** Begins with a cluster that is well, or with nothing at all. */
    public void open() {
        if (plan.seed() % 7 != 0) {
            found();
        }
        hosts.forEach(Host::open);
        for (int client = 0; client < 3; client++) {
            new Client(this).open();
        }
        for (Fault fault : plan.faults()) {
            Faults happening = new Faults(this, fault);
            time.at(fault.begin(), happening::begin);
            time.at(fault.end(), happening::end);
        }
    }

    private void found() {
        foundings++;
        Branch branch = Branch.first();
        for (Host host : hosts) {
            host.disk().data = new Data(SYSTEM, branch, BEGINNING);
        }
        Host first = hosts.getFirst();
        ClusterState vacant =
                new ClusterState(
                        ClusterState.FORMAT,
                        new Epoch(1),
                        first.name(),
                        "incarnation-" + first.name(),
                        Phase.VACANT,
                        new Lineage(TimelineId.FIRST, Lsn.ZERO),
                        first.endpoint(),
                        plan.mode() == Mode.OFF ? null : SynchronousSet.NONE,
                        SYSTEM,
                        false,
                        new Vacancy(new Lsn(BEGINNING), null, "all were stopped"),
                        null);
        write("state", ClusterJson.text(vacant));
        write("renewal", "");
    }

    private void write(String path, String content) {
        try {
            ensemble.create(path, content, null);
        } catch (KeeperException exists) {
            throw new IllegalStateException(path + " is there already", exists);
        }
    }

    /** An operator asks for a switchover. */
    void askForSwitchover(@Nullable Host to) {
        Request request =
                Request.of(
                        "request-" + ++requests,
                        Request.Kind.SWITCHOVER,
                        to == null ? null : to.name(),
                        Map.of());
        write("requests/" + request.id(), ClusterJson.text(request));
    }

    public boolean step() {
        boolean isMore = time.step();
        for (Witness witness : witnesses) {
            witness.onStep();
        }
        return isMore;
    }

    void acknowledged(Witness.Commit commit) {
        digest = digest * 31 + commit.end();
        tell(witness -> witness.onAcknowledged(commit));
    }
}
