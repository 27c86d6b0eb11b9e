package io.matriarch.elector.simulation.model;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of WAL as it really is. Postgres knows it by the number of its timeline only, and two may
 * bear the same number; the simulation can tell them apart.
 */
public final class Branch {

    private final @Nullable Branch parent;
    private final long forkedAt;
    private final TimelineHistory history;

    private Branch(@Nullable Branch parent, long forkedAt, TimelineHistory history) {
        this.parent = parent;
        this.forkedAt = forkedAt;
        this.history = history;
    }

    static Branch first() {
        return new Branch(null, 0, TimelineHistory.of(TimelineId.FIRST));
    }

    /** The timeline that a promotion at {@code position} begins; its number is the next unknown. */
    Branch fork(long position) {
        Branch left = at(position);
        List<TimelineHistory.Switch> switches = new ArrayList<>(left.history.switches());
        switches.add(new TimelineHistory.Switch(left.timeline(), new Lsn(position)));
        return new Branch(left, position, new TimelineHistory(timeline().next(), switches));
    }

    /**
     * What a standby writes that was started as a primary: another log under the same number, for a
     * timeline begins at the end of a standby's recovery only.
     */
    Branch rewritten(long position) {
        Branch left = at(position);
        return new Branch(left, position, left.history);
    }

    public TimelineId timeline() {
        return history.timeline();
    }

    public TimelineHistory history() {
        return history;
    }

    /** This branch or the ancestor that has this number; absent if there is none. */
    @Nullable Branch byNumber(TimelineId timeline) {
        Branch found = this;
        while (found != null && !found.timeline().equals(timeline)) {
            found = found.parent;
        }
        return found;
    }

    /** Whether it began on {@code other}, or on what that went along. */
    public boolean isForkOf(Branch other) {
        return parent != null && (parent == other || other.sharedWith(parent) >= forkedAt);
    }

    /** How far this branch goes along {@code ancestor}; -1 if it does not. */
    public long sharedWith(Branch ancestor) {
        long end = Long.MAX_VALUE;
        Branch at = this;
        while (at != null && at != ancestor) {
            end = at.forkedAt;
            at = at.parent;
        }
        return at == null ? -1 : end;
    }

    /**
     * Whether a log that ends at {@code end} of this branch has what lies before {@code position}
     * of {@code other}.
     */
    public boolean contains(long end, Branch other, long position) {
        long shared = sharedWith(other);
        return shared >= 0 && position <= Math.min(shared, end);
    }

    /** The branch that {@code position} of this one was written on. */
    Branch at(long position) {
        Branch at = this;
        while (at.parent != null && position <= at.forkedAt) {
            at = at.parent;
        }
        return at;
    }

    /** The last position that both have. */
    public static long fork(Branch one, long end, Branch other, long otherEnd) {
        Branch ancestor = one;
        long position = end;
        while (ancestor != null) {
            long shared = other.sharedWith(ancestor);
            if (shared >= 0) {
                return Math.min(position, Math.min(shared, otherEnd));
            }
            position = Math.min(position, ancestor.forkedAt);
            ancestor = ancestor.parent;
        }
        return 0;
    }
}
