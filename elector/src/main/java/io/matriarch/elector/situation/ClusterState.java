package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The record of authority, kept in ZooKeeper's node {@code state}. Whoever is not named here as the
 * primary, under the present epoch, is none.
 *
 * @param format version of this record's form
 * @param primary the present primary; in phase {@link Phase#VACANT} the last one
 * @param incarnation of {@code primary}
 * @param postgres where the primary's Postgres listens
 * @param synchronous which standbys share every acknowledged commit; absent in asynchronous mode,
 *     where commits wait for nobody and an election weighs positions alone
 * @param systemIdentifier absent only while the first member is being initialised
 * @param paused maintenance: no automatic change of primary
 * @param vacancy what the last primary left behind; present in phase {@link Phase#VACANT} only
 * @param electorate who may succeed the primary, besides the primary itself; absent while failsafe
 *     is off, when everybody may
 */
public record ClusterState(
        int format,
        Epoch epoch,
        MemberName primary,
        String incarnation,
        Phase phase,
        Lineage lineage,
        Endpoint postgres,
        @Nullable SynchronousSet synchronous,
        @Nullable SystemIdentifier systemIdentifier,
        boolean paused,
        @Nullable Vacancy vacancy,
        @Nullable NavigableSet<MemberName> electorate) {

    public static final int FORMAT = 1;

    /** Where a primary's reign stands. */
    public enum Phase {
        /** The first member runs initdb. */
        BOOTSTRAPPING,
        /** A new primary has the authority and is ending its recovery. */
        PROMOTING,
        /**
         * The primary was restarted in place, and what its log kept of commits that nobody else may
         * have can be read there: clients are held until the synchronous set has it too.
         */
        RECOVERING,
        /** The primary takes writes. */
        READY,
        /** A planned switchover has begun: clients are held. */
        DRAINING,
        /** The last primary is proven dead and has given up its authority. */
        VACANT
    }

    /** Whether standbys follow this primary: its timeline is the cluster's. */
    public boolean isFollowed() {
        return phase == Phase.RECOVERING || phase == Phase.READY || phase == Phase.DRAINING;
    }

    /**
     * Whether a log that reaches this position has everything that the last primary wrote; never,
     * unless that was shut down cleanly.
     */
    public boolean isAllOfTheLog(@Nullable TimelineId timeline, Lsn received) {
        Lsn end = vacancy == null ? null : vacancy.finalPosition();
        return end != null && lineage.timeline().equals(timeline) && !received.isBefore(end);
    }

    public ClusterState withPhase(Phase next) {
        return new ClusterState(
                format,
                epoch,
                primary,
                incarnation,
                next,
                lineage,
                postgres,
                synchronous,
                systemIdentifier,
                paused,
                null,
                electorate);
    }

    public ClusterState withSynchronous(@Nullable SynchronousSet next) {
        return new ClusterState(
                format,
                epoch,
                primary,
                incarnation,
                phase,
                lineage,
                postgres,
                next,
                systemIdentifier,
                paused,
                vacancy,
                electorate);
    }

    public ClusterState withElectorate(@Nullable Set<MemberName> next) {
        return new ClusterState(
                format,
                epoch,
                primary,
                incarnation,
                phase,
                lineage,
                postgres,
                synchronous,
                systemIdentifier,
                paused,
                vacancy,
                next == null ? null : new TreeSet<>(next));
    }

    public ClusterState withLineage(Lineage next, SystemIdentifier system) {
        return new ClusterState(
                format,
                epoch,
                primary,
                incarnation,
                phase,
                next,
                postgres,
                synchronous,
                system,
                paused,
                vacancy,
                electorate);
    }

    /** The same cluster without a primary. */
    public ClusterState vacated(Vacancy left) {
        return new ClusterState(
                format,
                epoch,
                primary,
                incarnation,
                Phase.VACANT,
                lineage,
                postgres,
                synchronous,
                systemIdentifier,
                paused,
                left,
                electorate);
    }

    /** The same cluster under a new primary and the next epoch. */
    public ClusterState succeededBy(Situation.Identity next, @Nullable SynchronousSet set) {
        return new ClusterState(
                format,
                epoch.next(),
                next.name(),
                next.incarnation(),
                Phase.PROMOTING,
                lineage,
                next.postgres(),
                set,
                systemIdentifier,
                paused,
                null,
                with(electorate, next.name()));
    }

    private static @Nullable NavigableSet<MemberName> with(
            @Nullable NavigableSet<MemberName> electorate, MemberName primary) {
        if (electorate == null) {
            return null;
        }
        TreeSet<MemberName> more = new TreeSet<>(electorate);
        more.add(primary);
        return more;
    }

    /**
     * What a standby is configured with, though it counts on a primary only. The first commits of a
     * new primary wait for standbys only if its checkpointer has read that there are any, and that
     * may take it a while: so it is told long before.
     */
    public SynchronousSet synchronousFor(MemberName standby) {
        TreeSet<MemberName> others = new TreeSet<>();
        if (synchronous != null) {
            others.addAll(synchronous.members());
        }
        others.add(primary);
        others.remove(standby);
        return others.isEmpty() ? SynchronousSet.NONE : SynchronousSet.any(1, others);
    }

    /**
     * Whether this is the primary itself: no other disk under its name, and no copy of its disk.
     */
    public boolean isPrimary(Situation.Identity member) {
        return primary.equals(member.name())
                && incarnation.equals(member.incarnation())
                && postgres.equals(member.postgres());
    }

    /** Whether this member may vote, stand and take the authority after this state. */
    public boolean mayBeSucceededBy(MemberName member) {
        return electorate == null || electorate.contains(member) || primary.equals(member);
    }

    public ClusterState {
        if (format < 1 || format > FORMAT) {
            throw new IllegalArgumentException(
                    "format: " + format + " (expected: 1 to " + FORMAT + ")");
        }
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(primary, "primary");
        Objects.requireNonNull(incarnation, "incarnation");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(lineage, "lineage");
        Objects.requireNonNull(postgres, "postgres");
        if (electorate != null) {
            electorate = Collections.unmodifiableNavigableSet(new TreeSet<>(electorate));
        }
        if ((phase == Phase.VACANT) != (vacancy != null)) {
            throw new IllegalArgumentException(
                    "vacancy: " + vacancy + " (expected: only in phase VACANT, not " + phase + ")");
        }
    }
}
