package io.matriarch.ambassador.view;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Build;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A cluster to look at: views of it are made from what a test says. */
public final class SampleCluster {

    private final Map<MemberName, Endpoint> endpoints = new TreeMap<>();
    private final Map<MemberName, MemberStatus> statuses = new TreeMap<>();
    private int stateVersion;

    public static MemberName name(String name) {
        return new MemberName(name);
    }

    public static SampleCluster of(String... names) {
        SampleCluster cluster = new SampleCluster();
        for (int i = 0; i < names.length; i++) {
            cluster.add(names[i], new Endpoint("127.0.0.1", 5001 + i));
        }
        return cluster;
    }

    public SampleCluster add(String member, Endpoint postgres) {
        endpoints.put(name(member), postgres);
        return status(member, Role.STREAMING, 1_000, 1_000, 0);
    }

    public Endpoint endpoint(String member) {
        return java.util.Objects.requireNonNull(endpoints.get(name(member)));
    }

    public SampleCluster role(String member, Role role) {
        return status(member, role, 1_000, 1_000, 0);
    }

    public SampleCluster status(
            String member, Role role, long received, long replayed, long lagMillis) {
        statuses.put(
                name(member),
                new MemberStatus(
                        name(member),
                        "incarnation",
                        endpoint(member),
                        new MemberStatus.Sidecar("http://127.0.0.1:1", "", null),
                        role,
                        null,
                        new TimelineId(1),
                        new Lsn(received),
                        new Lsn(replayed),
                        lagMillis,
                        new Build("1", 150_000)));
        return this;
    }

    public SampleCluster gone(String member) {
        statuses.remove(name(member));
        return this;
    }

    public Target.Primary primary(long epoch, String member) {
        return new Target.Primary(new Epoch(epoch), name(member), endpoint(member));
    }

    public Target.Standby standby(String member) {
        return new Target.Standby(name(member), endpoint(member));
    }

    /** The next version of the state record. */
    public ClusterView view(long epoch, Phase phase, String primary) {
        stateVersion++;
        return view(epoch, phase, primary, stateVersion);
    }

    public ClusterView view(long epoch, Phase phase, String primary, int version) {
        ClusterState state =
                new ClusterState(
                        ClusterState.FORMAT,
                        new Epoch(epoch),
                        name(primary),
                        "incarnation",
                        phase,
                        new Lineage(new TimelineId(1), Lsn.ZERO),
                        endpoint(primary),
                        SynchronousSet.NONE,
                        new SystemIdentifier(7),
                        false,
                        phase == Phase.VACANT ? new Vacancy(null, null, "test") : null,
                        null);
        List<MemberStatus> members = new ArrayList<>(statuses.values());
        return new ClusterView(state, version, members, List.of(), List.of(), null);
    }
}
