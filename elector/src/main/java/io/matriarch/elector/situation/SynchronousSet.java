package io.matriarch.elector.situation;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which standbys share every acknowledged commit: any {@code quorum} of {@code members} have
 * confirmed it (PostgreSQL manual, "Multiple Synchronous Standbys", {@code ANY k (…)}).
 *
 * @param quorum 0 with no members: commits are acknowledged by the primary alone
 */
public record SynchronousSet(SortedSet<MemberName> members, int quorum) {

    public static final SynchronousSet NONE = new SynchronousSet(new TreeSet<>(), 0);

    public SynchronousSet {
        members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
        if (quorum < 0 || quorum > members.size() || (quorum == 0) != members.isEmpty()) {
            throw new IllegalArgumentException(
                    "quorum: " + quorum + " (expected: 1 to " + members.size() + ", the members)");
        }
    }

    public static SynchronousSet any(int quorum, Collection<MemberName> members) {
        return new SynchronousSet(new TreeSet<>(members), quorum);
    }

    public boolean isEmpty() {
        return members.isEmpty();
    }

    /**
     * How many of {@link #members} must vote so that one of them surely has every acknowledged
     * commit: promotable + write quorum &gt; members.
     */
    public int votesNeeded() {
        return members.size() - quorum + 1;
    }

    /** The value of {@code synchronous_standby_names}. */
    public String toSetting() {
        if (isEmpty()) {
            return "";
        }
        StringBuilder setting = new StringBuilder("ANY ").append(quorum).append(" (");
        String separator = "";
        for (MemberName member : members) {
            setting.append(separator).append('"').append(member).append('"');
            separator = ", ";
        }
        return setting.append(')').toString();
    }

    @Override
    public String toString() {
        return isEmpty() ? "none" : toSetting();
    }
}
