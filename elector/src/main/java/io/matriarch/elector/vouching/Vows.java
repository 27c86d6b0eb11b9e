package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Situation.Vow;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one life of a member has vowed, and whether it may vow or stand: never both. Kept in memory,
 * so a new life takes no authority until all that an earlier one may have vowed has ended.
 *
 * <p>A life begins as if it were standing: what an earlier one has sent to ZooKeeper may still take
 * effect. See {@link #standsNoMore}.
 */
public final class Vows {

    private final Situation.Identity self;
    private final Duration length;
    private final BootTime mayTakeFrom;

    private boolean isStanding = true;
    private Epoch votedFor = Epoch.NONE;
    private @Nullable ClusterState known;
    private @Nullable Vow given;
    private @Nullable Appeal last;

    /**
     * @param length how long a vow binds, from when the appeal has come
     * @param opened when this life began
     */
    public Vows(Situation.Identity self, Duration length, BootTime opened) {
        this.self = self;
        this.length = length;
        this.mayTakeFrom = opened.plus(length);
    }

    /**
     * Answers an appeal that has just come.
     *
     * @return whether this member has vowed
     */
    public synchronized boolean grant(Appeal appeal, BootTime now) {
        Appeal before = last;
        boolean isNew =
                before == null
                        || appeal.epoch().isAfter(before.epoch())
                        || (appeal.epoch().equals(before.epoch())
                                && appeal.number() > before.number());
        boolean isFree = !isStanding && !votedFor.isAfter(appeal.epoch());
        if (!isNew || !isFree || appeal.primary().equals(self.name()) || isContradicted(appeal)) {
            return false;
        }
        Vow earlier = given;
        BootTime until = now.plus(length);
        if (earlier != null && earlier.epoch().isAfter(appeal.epoch())) {
            return false;
        }
        last = appeal;
        given = new Vow(appeal.epoch(), appeal.primary(), until);
        return true;
    }

    private boolean isContradicted(Appeal appeal) {
        ClusterState state = known;
        if (state == null || appeal.epoch().isAfter(state.epoch())) {
            return false;
        }
        return !appeal.epoch().equals(state.epoch())
                || !appeal.primary().equals(state.primary())
                || state.phase() == Phase.VACANT;
    }

    /** The vow that binds now. */
    public synchronized Optional<Vow> binding(BootTime now) {
        return Optional.ofNullable(given).filter(vow -> vow.until().isAfter(now));
    }

    /** From when on this life may take an authority although it knows of no earlier vows. */
    public BootTime mayTakeFrom() {
        return mayTakeFrom;
    }

    /**
     * From now on nothing is vowed, for this member reaches for the authority.
     *
     * @param state the state that it wants to succeed; absent if there is no cluster
     * @return false if it must not, because of what it, or an earlier life, has vowed
     */
    public synchronized boolean beginStanding(@Nullable ClusterState state, BootTime now) {
        if (binding(now).isPresent() || (state != null && isTooYoung(state, now))) {
            return false;
        }
        isStanding = true;
        return true;
    }

    /** Nobody vows to itself, and a primary that is proven dead needs nobody's vow. */
    private boolean isTooYoung(ClusterState state, BootTime now) {
        return state.electorate() != null
                && state.phase() != Phase.VACANT
                && !state.isPrimary(self)
                && !now.hasReached(mayTakeFrom);
    }

    public synchronized boolean isStanding() {
        return isStanding;
    }

    /**
     * This member's name is gone from the latch, and then the state was read: what it has ever sent
     * to take the authority has taken effect by now, or never will.
     */
    public synchronized void standsNoMore(@Nullable ClusterState read) {
        if (read != null) {
            see(read);
        }
        isStanding = false;
    }

    /**
     * A ballot for this epoch is going to be out: no vow for an earlier one until it is withdrawn.
     *
     * @return false while a vow binds
     */
    public synchronized boolean beginVoting(Epoch epoch, BootTime now) {
        if (binding(now).isPresent()) {
            return false;
        }
        votedFor = epoch;
        return true;
    }

    /** No ballot of this life is out. */
    public synchronized void ballotWithdrawn() {
        votedFor = Epoch.NONE;
    }

    /**
     * What ZooKeeper shows. A vow ends early if its primary has given up with its Postgres proven
     * dead, or if it has been succeeded, which nobody could who was bound to it.
     */
    public synchronized void see(ClusterState state) {
        ClusterState before = known;
        if (before != null && before.epoch().isAfter(state.epoch())) {
            return;
        }
        boolean isStale =
                before != null
                        && before.epoch().equals(state.epoch())
                        && before.phase() == Phase.VACANT;
        if (!isStale) {
            known = state;
        }
        Vow vow = given;
        if (vow == null) {
            return;
        }
        boolean isOver =
                state.epoch().isAfter(vow.epoch())
                        || (state.epoch().equals(vow.epoch()) && state.phase() == Phase.VACANT);
        if (isOver) {
            given = null;
        }
    }
}
