package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Whether a member may write to the repository, and under which epoch. */
final class WritingPermission {

    /**
     * So long after a member has become primary its clients come first: they wait for its first
     * standby, and compressing and sending WAL would take the processors from it.
     */
    static final Duration CLIENTS_FIRST = Duration.ofMillis(500);

    private final LongSupplier nanoTime;
    private @Nullable Epoch ready;
    private long since;

    WritingPermission(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

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
    synchronized Optional<WriterEpoch> of(
            boolean isClaimed, Optional<ClusterState> seen, Optional<Epoch> held) {
        boolean isReady =
                seen.filter(state -> mayArchive(state.phase()))
                        .map(ClusterState::epoch)
                        .equals(held);
        return isReady
                ? held.filter(this::isEstablished)
                        .filter(_ -> isClaimed)
                        .map(epoch -> new WriterEpoch(epoch.value()))
                : Optional.empty();
    }

    private boolean isEstablished(Epoch epoch) {
        if (!epoch.equals(ready)) {
            ready = epoch;
            since = nanoTime.getAsLong();
        }
        return nanoTime.getAsLong() - since >= CLIENTS_FIRST.toNanos();
    }

    private static boolean mayArchive(Phase phase) {
        return switch (phase) {
            case RECOVERING, READY -> true;
            case DRAINING, BOOTSTRAPPING, PROMOTING, VACANT -> false;
        };
    }
}
