package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The switchboard at one moment.
 *
 * @param applied no session of an earlier epoch has a socket any more
 * @param sessions per server, those being connected or closed included
 * @param heldSince of the one that waits longest; absent if none waits
 */
public record SwitchboardStatus(
        RoutingTable table,
        Epoch applied,
        Map<MemberName, Integer> sessions,
        int held,
        @Nullable BootTime heldSince,
        Tally tally) {

    public SwitchboardStatus {
        sessions = Map.copyOf(sessions);
    }

    /** Counts since the start. */
    public record Tally(long accepted, long connected, long cut, long refused) {

        static final Tally ZERO = new Tally(0, 0, 0, 0);

        Tally accepting() {
            return new Tally(accepted + 1, connected, cut, refused);
        }

        Tally connecting() {
            return new Tally(accepted, connected + 1, cut, refused);
        }

        Tally ending(CloseCause cause) {
            return new Tally(
                    accepted,
                    connected,
                    cause.isCut() ? cut + 1 : cut,
                    cause == CloseCause.REFUSED ? refused + 1 : refused);
        }
    }
}
