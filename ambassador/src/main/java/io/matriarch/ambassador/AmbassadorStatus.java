package io.matriarch.ambassador;

import io.matriarch.ambassador.core.SwitchboardStatus;
import io.matriarch.ambassador.relay.RelayStatus;
import io.matriarch.ambassador.view.Permit;
import io.matriarch.ambassador.view.Route;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ambassador at one moment.
 *
 * @param applied no session of an earlier epoch lives here
 * @param seen the highest epoch seen; above {@code applied} while sessions are being cut
 * @param route of new connections on the read-write port
 * @param standbys that the read-only port chooses among
 * @param permit the freshest proof that the route is right; absent before the first view
 * @param viewIsFresh whether the store is connected
 * @param sessions per server
 */
public record AmbassadorStatus(
        Epoch applied,
        Epoch seen,
        Route route,
        List<MemberName> standbys,
        @Nullable Permit permit,
        boolean viewIsFresh,
        Map<MemberName, Integer> sessions,
        Held held,
        Counters counters) {

    /** Connections that wait for a server, and for how long the first of them has. */
    public record Held(int count, Duration oldest) {}

    /** Since the start. {@code connected} counts those that were joined with a server. */
    public record Counters(
            long accepted,
            long connected,
            long cut,
            long refused,
            long bytesToServers,
            long bytesToClients) {}

    static AmbassadorStatus of(RelayStatus relay, BootTime now) {
        SwitchboardStatus board = relay.switchboard();
        RoutingTable table = board.table();
        BootTime since = board.heldSince();
        return new AmbassadorStatus(
                board.applied(),
                table.epoch(),
                table.route(),
                table.standbys().stream().map(Target.Standby::member).toList(),
                table.permit(),
                table.storeReachable(),
                board.sessions(),
                new Held(board.held(), since == null ? Duration.ZERO : now.since(since)),
                new Counters(
                        board.tally().accepted(),
                        board.tally().connected(),
                        board.tally().cut(),
                        board.tally().refused(),
                        relay.bytesToServers(),
                        relay.bytesToClients()));
    }
}
