package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import java.util.Optional;

/** Whether a member may write to the repository, and under which epoch. */
final class WritingPermission {

    private WritingPermission() {}

    /**
     * Decides. A timeline whose primary never got ready never was, so its history must not reach
     * the archive. While clients wait for a switchover all strength is theirs: its successor
     * archives what is left. What is seen of the cluster may lag: a new primary still sees its
     * predecessor ready, and only the epoch tells the two apart.
     *
     * @param isClaimed whether the repository is known to be this cluster's
     * @param seen the record of authority, as it was seen last
     * @param held the epoch that this member holds right now
     */
    static Optional<WriterEpoch> of(
            boolean isClaimed, Optional<ClusterState> seen, Optional<Epoch> held) {
        boolean isReady =
                seen.filter(state -> mayArchive(state.phase()))
                        .map(ClusterState::epoch)
                        .equals(held);
        return isClaimed && isReady
                ? held.map(epoch -> new WriterEpoch(epoch.value()))
                : Optional.empty();
    }

    private static boolean mayArchive(Phase phase) {
        return switch (phase) {
            case RECOVERING, READY -> true;
            case DRAINING, BOOTSTRAPPING, PROMOTING, VACANT -> false;
        };
    }
}
