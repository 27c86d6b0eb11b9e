package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ReplicationPeer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Moves the synchronous set, a step at a time, so that at no moment a commit can be acknowledged
 * that an election might not know.
 *
 * <p>Three things are involved: what Postgres enforces, what the record in ZooKeeper promises to an
 * election, and the goal. Postgres may enforce a set only while the record covers it ({@link
 * SynchronousSet#covers}); the record may come down to a set only after everything acknowledged
 * before has reached that set too. So: widen the record, change Postgres, wait for the standbys,
 * narrow the record. Killed between any two steps, the next cycle goes on from what it finds.
 */
final class SynchronousPlan {

    private SynchronousPlan() {}

    static Optional<Decision> next(
            OwnPostgres.Primary primary, Situation now, ClusterView view, ClusterState state) {
        String setting = primary.status().synchronousStandbyNames();
        SynchronousSet promised = state.synchronous();
        SynchronousSet goal = goal(primary, now.settings().synchrony(), view, state);
        if (goal == null) {
            return towardsAsynchronous(setting, now.vouching(), promised);
        }
        Optional<SynchronousSet> enforced = SynchronousSet.parseSetting(setting);
        if (!goal.equals(enforced.orElse(null))) {
            return Optional.of(
                    enforce(goal, enforced.orElse(SynchronousSet.NONE), now.vouching(), promised));
        }
        if (goal.equals(promised)) {
            return Optional.empty();
        }
        if (promised != null && !promised.covers(goal)) {
            return Optional.of(
                    new Decision.PublishSynchronous(
                            promised.covering(goal),
                            changes("commits are shared with " + goal + " already")));
        }
        return Optional.of(promise(goal, primary));
    }

    /**
     * The set that the first commits of a new primary will be shared with: the standbys that voted,
     * and in strict mode somebody in any case.
     */
    static @Nullable SynchronousSet atPromotion(
            Settings.Synchrony synchrony,
            Collection<MemberName> standbys,
            ClusterState state,
            MemberName self) {
        if (synchrony.mode() == Mode.STRICT && standbys.isEmpty()) {
            TreeSet<MemberName> known = new TreeSet<>(List.of(state.primary()));
            SynchronousSet before = state.synchronous();
            if (before != null) {
                known.addAll(before.members());
            }
            known.remove(self);
            return known.isEmpty() ? SynchronousSet.NONE : SynchronousSet.any(1, known);
        }
        return sharedWith(synchrony, standbys);
    }

    private static @Nullable SynchronousSet sharedWith(
            Settings.Synchrony synchrony, Collection<MemberName> standbys) {
        if (synchrony.mode() == Mode.OFF) {
            return null;
        }
        if (standbys.isEmpty()) {
            return SynchronousSet.NONE;
        }
        return SynchronousSet.any(Math.min(synchrony.quorum(), standbys.size()), standbys);
    }

    private static @Nullable SynchronousSet goal(
            OwnPostgres.Primary primary,
            Settings.Synchrony synchrony,
            ClusterView view,
            ClusterState state) {
        TreeSet<MemberName> standbys = new TreeSet<>(primary.replication().attached());
        standbys.removeIf(name -> !view.isLive(name));
        SynchronousSet present = state.synchronous();
        boolean mustNotBeGivenUp =
                synchrony.mode() == Mode.STRICT && standbys.isEmpty() && present != null;
        if (mustNotBeGivenUp) {
            return present;
        }
        return sharedWith(synchrony, standbys);
    }

    /** The promise goes first: what elections no longer count on, Postgres may stop to enforce. */
    private static Optional<Decision> towardsAsynchronous(
            String setting, Situation.Vouching known, @Nullable SynchronousSet promised) {
        Reason why = changes("asynchronous mode is configured");
        if (promised != null) {
            return Optional.of(new Decision.PublishSynchronous(null, why));
        }
        if (!setting.isEmpty()) {
            return Optional.of(
                    known.isPromised(SynchronousSet.NONE)
                            ? new Decision.EnforceSynchronous(SynchronousSet.NONE, why)
                            : unsureOf(known, null, why));
        }
        return Optional.empty();
    }

    /** What is seen of the record may be older than what this member has written last. */
    private static Decision enforce(
            SynchronousSet goal,
            SynchronousSet enforced,
            Situation.Vouching known,
            @Nullable SynchronousSet promised) {
        SynchronousSet record = promised == null ? SynchronousSet.NONE : promised;
        boolean isCovered = promised != null && record.covers(enforced) && record.covers(goal);
        if (isCovered && known.isPromised(goal)) {
            return new Decision.EnforceSynchronous(
                    goal, changes("commits are to be shared with " + goal));
        }
        Reason both = changes("elections must respect both " + enforced + " and " + goal);
        return isCovered
                ? unsureOf(known, record.covering(enforced.covering(goal)), both)
                : new Decision.PublishSynchronous(enforced.covering(goal), both);
    }

    /** It is waited for what was written; and written once more if that was not answered. */
    private static Decision unsureOf(
            Situation.Vouching known, @Nullable SynchronousSet set, Reason why) {
        return known.isElectorateCertain()
                ? new Decision.Stay(
                        Reason.of(
                                Code.WAITING_FOR_VIEW,
                                "the record was written, and has not come back yet"))
                : new Decision.PublishSynchronous(set, why);
    }

    private static Decision promise(SynchronousSet goal, OwnPostgres.Primary primary) {
        if (goal.isEmpty()) {
            return new Decision.PublishSynchronous(
                    goal, changes("no standby is left to share commits with"));
        }
        Lsn barrier = primary.replication().barrier();
        // Who has connected again may be there twice for a while.
        long caughtUp =
                primary.status().peers().stream()
                        .filter(p -> barrier != null && !p.flushed().isBefore(barrier))
                        .map(ReplicationPeer::name)
                        .distinct()
                        .filter(name ->
                                goal.members().stream().anyMatch(m -> m.value().equals(name)))
                        .count();
        if (barrier == null || caughtUp < goal.quorum()) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_SYNCHRONOUS_STANDBYS,
                            "waiting for " + goal + " to have what was acknowledged before"));
        }
        return new Decision.PublishSynchronous(goal, changes("commits are shared with " + goal));
    }

    private static Reason changes(String detail) {
        return Reason.of(Code.SYNCHRONOUS_SET_CHANGES, detail);
    }
}
