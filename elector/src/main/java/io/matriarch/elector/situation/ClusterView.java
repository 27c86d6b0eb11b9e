package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as ZooKeeper showed it last.
 *
 * @param state absent before the bootstrap
 * @param stateVersion ZooKeeper's version of the node {@code state}; -1 if absent
 * @param latch who holds or wants the latch, first the holder
 * @param renewal the last one; absent before the first
 */
public record ClusterView(
        @Nullable ClusterState state,
        int stateVersion,
        List<MemberStatus> members,
        List<Ballot> ballots,
        List<MemberName> latch,
        @Nullable Renewal renewal) {

    public static final ClusterView EMPTY =
            new ClusterView(null, -1, List.of(), List.of(), List.of(), null);

    public ClusterView {
        members = List.copyOf(members);
        ballots = List.copyOf(ballots);
        latch = List.copyOf(latch);
    }

    public Optional<MemberStatus> member(MemberName name) {
        return members.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /**
     * There is a cluster without a primary: the holder of the latch is gone, or said that it is
     * dead.
     */
    public boolean isVacant() {
        return state != null && (state.phase() == ClusterState.Phase.VACANT || latch.isEmpty());
    }

    /**
     * Up to where the primary of this state is known to have written: by its last renewal, or in
     * the end by its shutdown checkpoint. It may have written more since.
     */
    public Lsn knownEnd() {
        Lsn known = Lsn.ZERO;
        Vacancy vacancy = state == null ? null : state.vacancy();
        if (vacancy != null && vacancy.finalPosition() != null) {
            known = vacancy.finalPosition();
        }
        if (state != null && renewal != null && renewal.epoch().equals(state.epoch())) {
            known = Lsn.max(known, renewal.written());
        }
        return known;
    }

    /** How many bytes of that a log lacks which ends there. */
    public long lackedBy(Lsn end) {
        return knownEnd().beyond(end);
    }

    /** The timeline that the cluster has agreed on; empty before there is a cluster. */
    public Optional<TimelineId> committedTimeline() {
        return Optional.ofNullable(state).map(known -> known.lineage().timeline());
    }

    /** The same, with this member as the holder of the latch. */
    public ClusterView heldBy(MemberName holder) {
        return new ClusterView(state, stateVersion, members, ballots, List.of(holder), renewal);
    }

    public boolean isLive(MemberName name) {
        return member(name).isPresent();
    }
}
