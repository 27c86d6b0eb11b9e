package io.matriarch.ambassador.view;

import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.postgres.Lsn;
import java.util.Comparator;
import java.util.List;

/** Which standbys are fresh enough to be read from. */
final class Replicas {

    private Replicas() {}

    static List<Target.Standby> of(ClusterView view, MemberName primary, RoutingPolicy policy) {
        Lsn end = endOfLog(view);
        return view.members().stream()
                .filter(member -> member.role() == Role.STREAMING)
                .filter(member -> !member.name().equals(primary))
                .filter(member -> isFresh(member, end, policy))
                .sorted(Comparator.comparing(MemberStatus::name))
                .map(member -> new Target.Standby(member.name(), member.postgres()))
                .toList();
    }

    /**
     * The farthest position that anybody claims: the primary's own may be older than a standby's.
     */
    private static Lsn endOfLog(ClusterView view) {
        return view.members().stream()
                .filter(member -> member.role() == Role.PRIMARY || member.role() == Role.STREAMING)
                .map(MemberStatus::received)
                .reduce(Lsn.ZERO, Lsn::max);
    }

    /**
     * The age of the newest replayed commit grows on an idle cluster too, so it counts only while
     * something is left to replay. Where it is unknown, bytes are all there is to go by.
     */
    private static boolean isFresh(MemberStatus member, Lsn end, RoutingPolicy policy) {
        if (end.minus(member.received()) > policy.maxLagBytes()) {
            return false;
        }
        Lsn replayed = member.replayed();
        if (!replayed.isBefore(end)) {
            return true;
        }
        return member.lagMillis() < 0
                ? end.minus(replayed) <= policy.maxLagBytes()
                : member.lagMillis() <= policy.maxLag().toMillis();
    }
}
