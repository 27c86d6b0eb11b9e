package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ReplicationPeer;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When clients are let in at a primary that has just come up.
 *
 * <p>A commit that waits for its standbys is in the log already, and crash recovery makes it
 * visible, though nobody else has it. Who reads it then, and after the next failover does not find
 * it, has read what never was. So after a restart in place clients are held until no election could
 * have a winner without it. After a promotion nothing need be awaited: all that it made visible
 * lies before the new timeline, and who has not reached that cannot stand.
 */
final class RestartInPlace {

    private RestartInPlace() {}

    /** Whether clients would be let in too early at a server that starts now. */
    static boolean mustHoldClientsBefore(ClusterState state) {
        boolean areLetIn = state.phase() == Phase.READY || state.phase() == Phase.DRAINING;
        SynchronousSet set = state.synchronous();
        return areLetIn && set != null && !set.isSharedBy(Set.of(state.primary()));
    }

    /** What a primary that runs does until it is ready. */
    static Decision next(
            OwnPostgres.Primary primary, Situation now, ClusterView view, ClusterState state) {
        Optional<Reason> missing = missing(primary, state);
        if (missing.isEmpty()) {
            return new Decision.PublishReady(
                    Reason.of(
                            Code.RECOVERY_ENDED,
                            "Postgres takes writes on timeline " + primary.status().timeline()));
        }
        if (state.phase() != Phase.RECOVERING) {
            // The standbys could not get it from a primary that they do not follow.
            return new Decision.PublishRecovering(missing.get());
        }
        return ElectoratePlan.next(now, view, state)
                .or(() -> SynchronousPlan.next(primary, now, view, state))
                .filter(step -> !(step instanceof Decision.Stay))
                .orElseGet(() -> new Decision.Stay(missing.get()));
    }

    /** What clients wait for; empty if they need not. */
    private static Optional<Reason> missing(OwnPostgres.Primary primary, ClusterState state) {
        SynchronousSet set = state.synchronous();
        Lsn end = primary.replication().recovered();
        if (set == null || end == null || set.isSharedBy(holders(primary, state, set, end))) {
            return Optional.empty();
        }
        String standing =
                set.members().stream()
                        .map(member -> member + " " + standing(member, primary))
                        .collect(Collectors.joining(", "));
        return Optional.of(
                Reason.of(
                        Code.CLIENTS_ARE_HELD,
                        "it was restarted in place, and clients are held until "
                                + set
                                + " has its log up to "
                                + end
                                + ": "
                                + standing));
    }

    /** Members of the set that have the log up to there; the primary, if it is one, has it. */
    private static Set<MemberName> holders(
            OwnPostgres.Primary primary, ClusterState state, SynchronousSet set, Lsn end) {
        return set.members().stream()
                .filter(member ->
                        member.equals(state.primary())
                                || peer(member, primary)
                                        .filter(peer -> !peer.flushed().isBefore(end))
                                        .isPresent())
                .collect(Collectors.toSet());
    }

    private static String standing(MemberName member, OwnPostgres.Primary primary) {
        return peer(member, primary)
                .map(peer -> "has it up to " + peer.flushed())
                .orElse("is not connected");
    }

    private static Optional<ReplicationPeer> peer(MemberName member, OwnPostgres.Primary primary) {
        return primary.status().peers().stream()
                .filter(peer -> peer.name().equals(member.value()))
                .findFirst();
    }
}
