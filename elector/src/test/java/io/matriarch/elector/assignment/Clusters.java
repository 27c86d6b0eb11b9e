package io.matriarch.elector.assignment;

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
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Clusters to choose from: {@code n1} is the primary, on timeline 2; commits wait for {@code n2}.
 */
final class Clusters {

    static final MemberName N1 = new MemberName("n1");
    static final MemberName N2 = new MemberName("n2");
    static final MemberName N3 = new MemberName("n3");

    private static final SystemIdentifier SYSTEM = new SystemIdentifier(77);

    private Clusters() {}

    /** Members as texts such as {@code n2 streaming 2 0/6000000}, the first one the primary. */
    static ClusterView of(Phase phase, String... members) {
        List<MemberStatus> live = new ArrayList<>();
        Arrays.stream(members).map(Clusters::member).forEach(live::add);
        return new ClusterView(state(phase), 1, live, List.of(), List.of(N1), null);
    }

    private static ClusterState state(Phase phase) {
        return new ClusterState(
                ClusterState.FORMAT,
                new Epoch(5),
                N1,
                "incarnation",
                phase,
                new Lineage(new TimelineId(2), Lsn.parse("0/5000000")),
                new Endpoint("n1", 5432),
                SynchronousSet.any(1, List.of(N2)),
                SYSTEM,
                false,
                null,
                null);
    }

    private static MemberStatus member(String text) {
        String[] words = text.split(" ", -1);
        boolean isForeign = words.length > 4;
        return new MemberStatus(
                new MemberName(words[0]),
                "incarnation",
                new Endpoint(words[0], 5432),
                new MemberStatus.Sidecar("http://" + words[0], "", null),
                switch (words[1]) {
                    case "primary" -> Role.PRIMARY;
                    case "streaming" -> Role.STREAMING;
                    case "standby" -> Role.STANDBY;
                    case "starting" -> Role.STARTING;
                    default -> Role.STOPPED;
                },
                isForeign ? new SystemIdentifier(78) : SYSTEM,
                new TimelineId(Integer.parseInt(words[2])),
                Lsn.parse(words[3]),
                Lsn.parse(words[3]),
                0,
                new Build("test", 150_018));
    }
}
