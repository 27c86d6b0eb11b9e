package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What ZooKeeper may have been told about the primary that this process is: who could succeed it,
 * and which synchronous set elections count on; and until when all of the former have vowed not to
 * succeed it.
 *
 * <p>Nobody may be added to the electorate while a lease rests on vows in which the new one has no
 * part: its adding would take effect at once, and the session may end at once.
 */
public final class Backing {

    private final MemberName self;
    private final LeaseSettings settings;

    /** The union of all that may be in force; absent if everybody may succeed. */
    private @Nullable Set<MemberName> possible;

    /** Each of the sets that the record may promise; empty for asynchronous mode. */
    private Set<Optional<SynchronousSet>> promised = Set.of();

    private boolean isCertain = true;
    private Set<MemberName> vowed = Set.of();
    private @Nullable BootTime askedAt;
    private long number;

    public Backing(MemberName self, LeaseSettings settings) {
        this.self = self;
        this.settings = settings;
    }

    /** A reign has begun with this state. */
    public synchronized void begin(ClusterState state) {
        acknowledged(state);
        vowed = Set.of();
        askedAt = null;
    }

    /**
     * Before a state is written.
     *
     * @return false if it must not be written now
     */
    public synchronized boolean beginWrite(ClusterState state, BootTime now) {
        Collection<MemberName> electorate = state.electorate();
        boolean isWithin =
                electorate != null
                        && electorate.stream().allMatch(m -> m.equals(self) || vowed.contains(m));
        if (!isWithin && restsOnVows(now)) {
            return false;
        }
        isCertain = false;
        promised = new HashSet<>(promised);
        promised.add(Optional.ofNullable(state.synchronous()));
        if (electorate == null) {
            possible = null;
        } else if (possible != null) {
            possible.addAll(electorate);
        }
        return true;
    }

    private boolean restsOnVows(BootTime now) {
        BootTime asked = askedAt;
        return asked != null && !now.hasReached(asked.plus(settings.session()));
    }

    /** The servers have acknowledged it, so no earlier write can take effect any more. */
    public synchronized void acknowledged(ClusterState state) {
        Collection<MemberName> electorate = state.electorate();
        possible = electorate == null ? null : new HashSet<>(electorate);
        promised = Set.of(Optional.ofNullable(state.synchronous()));
        isCertain = true;
    }

    /** Each of the sets that the record may promise by now; empty for asynchronous mode. */
    public synchronized Set<Optional<SynchronousSet>> promised() {
        return Set.copyOf(promised);
    }

    public synchronized boolean isCertain() {
        return isCertain;
    }

    /** Until when the present vows carry a lease; empty if there are none. */
    public synchronized Optional<BootTime> until() {
        return Optional.ofNullable(askedAt).map(asked -> asked.plus(settings.length()));
    }

    /** Whether a lease that ends then rests on the vows. */
    public boolean carries(BootTime deadline) {
        return until().filter(until -> !deadline.isAfter(until)).isPresent();
    }

    /** Whom to ask; empty if everybody may succeed, for then nobody could ask them all. */
    public synchronized Optional<Set<MemberName>> others() {
        Set<MemberName> all = possible;
        if (all == null) {
            return Optional.empty();
        }
        Set<MemberName> others = new HashSet<>(all);
        others.remove(self);
        return Optional.of(Set.copyOf(others));
    }

    /**
     * Asks all who could succeed. It counts only if every one of them has vowed in answer to this
     * very question, and from before it was asked.
     *
     * @return who has not; empty if the lease may be extended
     */
    public Set<MemberName> ask(
            Electors electors, Set<MemberName> all, Epoch epoch, BootTime before, Duration patience)
            throws InterruptedException {
        Set<MemberName> missing = new HashSet<>(all);
        if (!all.isEmpty()) {
            Appeal appeal = new Appeal(epoch, self, nextNumber(before));
            missing.removeAll(electors.vowTo(appeal, all, patience));
        }
        if (missing.isEmpty()) {
            missing.addAll(accept(all, before));
        }
        return missing;
    }

    private synchronized long nextNumber(BootTime before) {
        number = Math.max(number + 1, before.millis());
        return number;
    }

    /** Who may have come into the electorate meanwhile; if nobody has, the vows count. */
    private synchronized Set<MemberName> accept(Set<MemberName> all, BootTime before) {
        Set<MemberName> present = possible;
        if (present == null) {
            return Set.of(self);
        }
        Set<MemberName> others = new HashSet<>(present);
        others.remove(self);
        others.removeAll(all);
        if (others.isEmpty()) {
            vowed = all;
            askedAt = before;
        }
        return others;
    }
}
