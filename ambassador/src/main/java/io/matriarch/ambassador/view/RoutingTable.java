package io.matriarch.ambassador.view;

import io.matriarch.ambassador.view.Route.Holding;
import io.matriarch.ambassador.view.Route.Serving;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the ambassador goes by, distilled from all views seen so far.
 *
 * <p>The epoch never goes down. A view of a lower epoch, or an older version of the state record,
 * changes nothing. A lost store changes nothing either: the last primary stays the route until
 * something contradicts it.
 *
 * @param epoch the highest seen, also in an earlier life of this process
 * @param reign the primary whose sessions may live; absent while none is known or it is proven dead
 * @param standbys those within the lag limits, by name
 * @param permit the freshest proof; shown, not yet enforced (see {@link Permit})
 * @param storeReachable whether views can be expected to come
 * @param stateVersion ZooKeeper's version of the record this rests on; -1 before the first
 */
public record RoutingTable(
        Epoch epoch,
        Route route,
        Target.@Nullable Primary reign,
        List<Target.Standby> standbys,
        @Nullable Permit permit,
        boolean storeReachable,
        int stateVersion) {

    public RoutingTable {
        standbys = List.copyOf(standbys);
        if (route instanceof Serving(var target) && !target.equals(reign)) {
            throw new IllegalStateException(
                    "route: " + target + " (expected: the reigning primary " + reign + ")");
        }
        if (reign != null && !reign.epoch().equals(epoch)) {
            throw new IllegalStateException(
                    "reign: epoch " + reign.epoch() + " (expected: " + epoch + ")");
        }
    }

    /** Before the first view. {@code remembered} is the highest epoch of an earlier life. */
    public static RoutingTable initial(Epoch remembered) {
        return new RoutingTable(
                remembered, new Holding(HoldReason.NO_VIEW), null, List.of(), null, false, -1);
    }

    /** After a view that was asked for at {@code askedAt}. */
    public RoutingTable with(ClusterView view, BootTime askedAt, RoutingPolicy policy) {
        ClusterState state = view.state();
        if (state == null) {
            // The record's absence names no other primary. Its versions begin anew when it returns.
            return new RoutingTable(epoch, route, reign, standbys, permit, true, -1);
        }
        if (epoch.isAfter(state.epoch())) {
            return reign == null && route instanceof Holding
                    ? refusing()
                    : new RoutingTable(epoch, route, reign, standbys, permit, true, stateVersion);
        }
        if (state.epoch().equals(epoch) && view.stateVersion() < stateVersion) {
            return new RoutingTable(epoch, route, reign, standbys, permit, true, stateVersion);
        }
        return adopting(view, state, askedAt, policy);
    }

    private RoutingTable refusing() {
        return new RoutingTable(
                epoch,
                new Holding(HoldReason.STALE_VIEW),
                null,
                List.of(),
                permit,
                true,
                stateVersion);
    }

    private RoutingTable adopting(
            ClusterView view, ClusterState state, BootTime askedAt, RoutingPolicy policy) {
        Target.Primary primary =
                new Target.Primary(state.epoch(), state.primary(), state.postgres());
        Route next =
                switch (state.phase()) {
                    case READY -> new Serving(primary);
                    case BOOTSTRAPPING -> new Holding(HoldReason.BOOTSTRAPPING);
                    case PROMOTING -> new Holding(HoldReason.PROMOTING);
                    case RECOVERING -> new Holding(HoldReason.RECOVERING);
                    case DRAINING -> new Holding(HoldReason.DRAINING);
                    case VACANT -> new Holding(HoldReason.VACANT);
                };
        boolean vacant = state.phase() == ClusterState.Phase.VACANT;
        Permit read =
                Permit.ofStoreRead(
                        state.epoch(), state.primary(), askedAt, policy.permitValidity());
        return new RoutingTable(
                state.epoch(),
                next,
                vacant ? null : primary,
                Replicas.of(view, state.primary(), policy),
                permit == null ? read : permit.renewedBy(read),
                true,
                view.stateVersion());
    }

    /** After the connection to the store is gone: nothing contradicts, so everything goes on. */
    public RoutingTable withoutStore() {
        return new RoutingTable(epoch, route, reign, standbys, permit, false, stateVersion);
    }

    /**
     * After the primary's own word. A higher epoch than any seen ends the present reign; who reigns
     * then is for the store to say. A word about anything but the present reign is otherwise void.
     */
    public RoutingTable with(Permit attested) {
        if (attested.epoch().isAfter(epoch)) {
            return new RoutingTable(
                    attested.epoch(),
                    new Holding(HoldReason.STALE_VIEW),
                    null,
                    standbys,
                    attested,
                    storeReachable,
                    -1);
        }
        if (reign == null
                || !reign.epoch().equals(attested.epoch())
                || !reign.member().equals(attested.primary())) {
            return this;
        }
        Permit renewed = permit == null ? attested : permit.renewedBy(attested);
        return new RoutingTable(
                epoch, route, reign, standbys, renewed, storeReachable, stateVersion);
    }

    /** Why a session with {@code target} must end; empty if it may live. */
    public Optional<CutReason> verdictOn(Target target) {
        return switch (target) {
            case Target.Standby _ -> Optional.empty();
            case Target.Primary primary -> verdictOnPrimary(primary);
        };
    }

    private Optional<CutReason> verdictOnPrimary(Target.Primary primary) {
        if (epoch.isAfter(primary.epoch())) {
            return Optional.of(CutReason.HIGHER_EPOCH);
        }
        if (reign == null) {
            return Optional.of(CutReason.VACANT);
        }
        return reign.member().equals(primary.member())
                ? Optional.empty()
                : Optional.of(CutReason.CONTRADICTED);
    }

    /**
     * What a living session's target has become: a standby that was promoted keeps its sessions,
     * and from then on they belong to its epoch.
     */
    public Target presently(Target target) {
        return switch (target) {
            case Target.Primary primary -> primary;
            case Target.Standby standby ->
                    reign != null && reign.member().equals(standby.member())
                            ? new Target.Primary(reign.epoch(), standby.member(), standby.server())
                            : standby;
        };
    }

    /** Whether the server of a session is the primary that hands over now. */
    public boolean isHandingOver(Target target) {
        return target instanceof Target.Primary primary
                && reign != null
                && isHandingOver()
                && reign.epoch().equals(primary.epoch())
                && reign.member().equals(primary.member());
    }

    /** Whether a planned switchover is under way. */
    public boolean isHandingOver() {
        return route.equals(new Holding(HoldReason.DRAINING));
    }

    /** Whether a connect that was begun towards {@code target} may still be used. */
    public boolean admits(Target target) {
        return switch (target) {
            case Target.Primary primary ->
                    route instanceof Serving(var serving) && serving.equals(primary);
            case Target.Standby standby -> standbys.contains(standby);
        };
    }
}
