package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as ZooKeeper showed it last.
 *
 * @param state absent before the bootstrap
 * @param stateVersion ZooKeeper's version of the node {@code state}; -1 if absent
 * @param latch who holds or wants the latch, first the holder
 * @param renewal the last one; absent before the first
 * @param unreadable the nodes that are there and cannot be understood, each with the reason: they
 *     are damaged, or a later version wrote them. They must not be taken for absent
 */
public record ClusterView(
        @Nullable ClusterState state,
        int stateVersion,
        List<MemberStatus> members,
        List<Ballot> ballots,
        List<MemberName> latch,
        @Nullable Renewal renewal,
        Map<String, String> unreadable) {

    /** The node of the record of authority. */
    public static final String STATE = "state";

    /** The folder of what members say of themselves. */
    public static final String MEMBERS = "members";

    /** The node of the last renewal. */
    public static final String RENEWAL = "renewal";

    public static final ClusterView EMPTY =
            new ClusterView(null, -1, List.of(), List.of(), List.of(), null);

    public ClusterView {
        members = List.copyOf(members);
        ballots = List.copyOf(ballots);
        latch = List.copyOf(latch);
        unreadable = Map.copyOf(unreadable);
    }

    /** A view of which all can be read. */
    public ClusterView(
            @Nullable ClusterState state,
            int stateVersion,
            List<MemberStatus> members,
            List<Ballot> ballots,
            List<MemberName> latch,
            @Nullable Renewal renewal) {
        this(state, stateVersion, members, ballots, latch, renewal, Map.of());
    }

    /** Why a node cannot be read, in words; empty if it can, or is not there. */
    public Optional<String> whyUnreadable(String node) {
        return Optional.ofNullable(unreadable.get(node));
    }

    /**
     * What is wrong with a record of authority that is there and cannot be read, and what to do;
     * empty if it can be read, or there is none.
     */
    public Optional<String> unreadableState() {
        if (state != null || stateVersion < 0) {
            return Optional.empty();
        }
        return Optional.of(
                "the cluster's record in ZooKeeper (node state, version "
                        + stateVersion
                        + ") cannot be read: "
                        + whyUnreadable(STATE).orElse("it is not one")
                        + "; a later version wrote it, or it is damaged: upgrade this sidecar,"
                        + " or restore the node");
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
        return new ClusterView(
                state, stateVersion, members, ballots, List.of(holder), renewal, unreadable);
    }

    public boolean isLive(MemberName name) {
        return member(name).isPresent();
    }
}
