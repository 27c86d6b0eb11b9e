package io.matriarch.failover;

import io.matriarch.failover.side.Member;
import io.matriarch.failover.side.MemberProcesses;
import io.matriarch.failover.side.Side;
import io.matriarch.outside.Database;
import io.matriarch.outside.OutsideException;
import java.sql.SQLException;
import java.util.List;

/**
 * Who is who when a fault strikes.
 *
 * @param primary the one that is struck
 * @param candidate a standby that may become primary; in synchronous mode one that confirms commits
 * @param bystander the other standby
 */
record Scene(Side side, Member primary, Member candidate, Member bystander) {

    private static final String BEST_STANDBY =
            "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"
                    + " ORDER BY sync_state IN ('sync', 'quorum') DESC, application_name LIMIT 1";

    static Scene of(Side side) throws SQLException {
        Member primary = side.primary();
        Database superuser = side.superuser();
        String best = superuser.text(BEST_STANDBY);
        List<Member> standbys =
                side.members().stream()
                        .filter(member -> !member.name().equals(primary.name()))
                        .toList();
        Member candidate = standbys.get(standbys.getFirst().name().equals(best) ? 0 : 1);
        if (!candidate.name().equals(best)) {
            throw new OutsideException("standby: " + best + " (expected: one of " + standbys + ")");
        }
        Member bystander = standbys.get(standbys.indexOf(candidate) == 0 ? 1 : 0);
        return new Scene(side, primary, candidate, bystander);
    }

    /** Of the primary. */
    MemberProcesses processes() {
        return side.processes(primary);
    }
}
