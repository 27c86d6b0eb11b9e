package io.matriarch.elector.situation;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as ZooKeeper showed it last.
 *
 * @param state absent before the bootstrap
 * @param stateVersion ZooKeeper's version of the node {@code state}; -1 if absent
 * @param latch who holds or wants the latch, first the holder
 */
public record ClusterView(
        @Nullable ClusterState state,
        int stateVersion,
        List<MemberStatus> members,
        List<Ballot> ballots,
        List<MemberName> latch) {

    public static final ClusterView EMPTY =
            new ClusterView(null, -1, List.of(), List.of(), List.of());

    public ClusterView {
        members = List.copyOf(members);
        ballots = List.copyOf(ballots);
        latch = List.copyOf(latch);
    }

    public Optional<MemberStatus> member(MemberName name) {
        return members.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    public boolean isLive(MemberName name) {
        return member(name).isPresent();
    }
}
