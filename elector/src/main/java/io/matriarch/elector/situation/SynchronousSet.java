package io.matriarch.elector.situation;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which standbys share every acknowledged commit: any {@code quorum} of {@code members} have
 * confirmed it (PostgreSQL manual, "Multiple Synchronous Standbys", {@code ANY k (…)}).
 *
 * @param quorum 0 with no members: commits are acknowledged by the primary alone
 */
public record SynchronousSet(NavigableSet<MemberName> members, int quorum) {

    private static final Pattern SETTING =
            Pattern.compile("ANY ([1-9][0-9]?) \\((\"[a-z0-9_-]+\"(?:, \"[a-z0-9_-]+\")*)\\)");

    public static final SynchronousSet NONE = new SynchronousSet(new TreeSet<>(), 0);

    public SynchronousSet {
        members = Collections.unmodifiableNavigableSet(new TreeSet<>(members));
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

    /** Whether every set of voters that can elect under this record has one of these in it. */
    public boolean isSharedBy(Set<MemberName> holders) {
        return members.stream().filter(holders::contains).count() >= quorum;
    }

    /**
     * Whether every set of standbys that can acknowledge a commit under {@code acknowledging}
     * shares a member with every set that can elect under this record. Only then may Postgres
     * enforce {@code acknowledging} while this is the record.
     */
    public boolean covers(SynchronousSet acknowledging) {
        if (isEmpty()) {
            return true;
        }
        if (acknowledging.isEmpty()) {
            return false;
        }
        long shared = members.stream().filter(acknowledging.members()::contains).count();
        long votersOnly = members.size() - shared;
        long acknowledgersOnly = acknowledging.members().size() - shared;
        long sharedVoters = Math.max(0, votesNeeded() - votersOnly);
        long sharedAcknowledgers = Math.max(0, acknowledging.quorum() - acknowledgersOnly);
        return sharedVoters + sharedAcknowledgers > shared;
    }

    /** The least record that covers both this and {@code other}. */
    public SynchronousSet covering(SynchronousSet other) {
        TreeSet<MemberName> both = new TreeSet<>(members);
        both.addAll(other.members);
        int least = Math.min(quorum, other.quorum);
        return least == 0 ? NONE : new SynchronousSet(both, least);
    }

    /** Reads what {@link #toSetting} writes; empty if the setting is not ours. */
    public static Optional<SynchronousSet> parseSetting(String setting) {
        if (setting.isBlank()) {
            return Optional.of(NONE);
        }
        Matcher matcher = SETTING.matcher(setting);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        TreeSet<MemberName> names = new TreeSet<>();
        for (String quoted : matcher.group(2).split(", ", -1)) {
            names.add(new MemberName(quoted.substring(1, quoted.length() - 1)));
        }
        return Optional.of(new SynchronousSet(names, Integer.parseInt(matcher.group(1))));
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
