package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.SystemIdentifier;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The heart: what this member does next, from all that it knows.
 *
 * <pre>
 *   authority held ──────────────▶ {@link Reigning}
 *   no cluster yet ──────────────▶ here
 *   place of the primary vacant ─▶ {@link Succession}
 *   another member is primary ───▶ {@link Following}
 * </pre>
 */
public final class Decider {

    private final Reigning reigning = new Reigning();
    private final Succession succession = new Succession();
    private final Following following = new Following();

    public Decision decide(Situation now) {
        ClusterView view = now.view();
        if (view == null) {
            return new Decision.Hold(
                    Reason.of(
                            Code.CLUSTER_UNKNOWN,
                            "ZooKeeper has not been reached yet, so it is not known who is primary"));
        }
        if (now.postgres() instanceof OwnPostgres.Unclear unclear) {
            return new Decision.Hold(
                    Reason.of(
                            Code.SUPERVISOR_SILENT,
                            "the supervisor of Postgres does not answer: " + unclear.why()));
        }
        Optional<Decision> ofAnother = underTheNameOfAnother(now, view);
        if (ofAnother.isPresent()) {
            return ofAnother.get();
        }
        ClusterState state = view.state();
        if (state == null) {
            // Whoever has the authority keeps it: it is renewed without the record.
            return view.unreadableState()
                    .<Decision>map(
                            what -> new Decision.Hold(Reason.of(Code.STATE_IS_UNREADABLE, what)))
                    .orElseGet(() -> withoutCluster(now, view));
        }
        Optional<Decision> refusal = refusal(now, state);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (now.reign() != null && isOurs(now, state)) {
            return reigning.decide(now, view, state);
        }
        if (now.reign() != null && now.reign().epoch().isAfter(state.epoch())) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_VIEW,
                            "the authority of epoch "
                                    + now.reign().epoch()
                                    + " is ours; its record has not come back yet"));
        }
        if (state.paused()) {
            if (now.postgres() instanceof OwnPostgres.Standby standby && standby.isCatchingUp()) {
                return Succession.stopReceiving(standby, state);
            }
            return new Decision.Stay(
                    Reason.of(Code.PAUSED, "the cluster is paused for maintenance"));
        }
        Optional<Decision> leftOver = withoutAuthority(now, view, state);
        if (leftOver.isPresent()) {
            return leftOver.get();
        }
        if (!view.isVacant()) {
            return following.decide(now, view, state);
        }
        Situation.Vow vow = now.vouching().vow();
        return vow == null ? succession.decide(now, view, state) : vouching(vow, now, view, state);
    }

    /**
     * PostgreSQL takes two standbys of one name for one, and an election two ballots: a commit that
     * this one confirmed could be missing where the other is elected. So whoever finds another
     * under its name does nothing, and confirms nothing. Who has the authority is not disturbed.
     */
    private static Optional<Decision> underTheNameOfAnother(Situation now, ClusterView view) {
        Optional<String> other = nameHolder(now.identity(), view);
        if (other.isEmpty() || now.reign() != null) {
            return Optional.empty();
        }
        Reason taken =
                Reason.of(
                        Code.NAME_IS_TAKEN,
                        "the name "
                                + now.identity().name()
                                + " is taken by "
                                + other.get()
                                + ": give this member a name of its own, or stop the other; what a"
                                + " former disk of this member left ends with its session");
        return switch (now.postgres()) {
            case OwnPostgres.Standby standby -> Optional.of(new Decision.Stop(false, false, taken));
            case OwnPostgres.Starting starting when !starting.asPrimary() ->
                    Optional.of(new Decision.Stop(false, false, taken));
            // What takes writes without authority is dealt with as ever.
            case OwnPostgres.Starting starting -> Optional.empty();
            case OwnPostgres.Primary primary -> Optional.empty();
            case OwnPostgres.Stopping stopping -> Optional.of(new Decision.Hold(taken));
            case OwnPostgres.Stopped stopped -> Optional.of(new Decision.Hold(taken));
            case OwnPostgres.Absent absent -> Optional.of(new Decision.Hold(taken));
            case OwnPostgres.Unsealed unsealed -> Optional.of(new Decision.Hold(taken));
            case OwnPostgres.Unusable unusable -> Optional.of(new Decision.Hold(taken));
            case OwnPostgres.Unclear unclear -> Optional.of(new Decision.Hold(taken));
        };
    }

    /** Who else bears the own name, in words; empty if nobody does. */
    private static Optional<String> nameHolder(Situation.Identity self, ClusterView view) {
        return view.member(self.name())
                .filter(member -> !member.isOf(self))
                .map(member ->
                        "another live member, with Postgres at "
                                + member.postgres()
                                + " and its sidecar at "
                                + member.sidecar().api())
                .or(() ->
                        view.whyUnreadable(ClusterView.MEMBERS + "/" + self.name())
                                .map(why -> "a member whose node cannot be read (" + why + ")"));
    }

    /**
     * The session of the primary has ended, and it reigns on because this member vouches for it: so
     * its WAL is received as before, and there is no election.
     */
    private Decision vouching(
            Situation.Vow vow, Situation now, ClusterView view, ClusterState state) {
        boolean isItsReign =
                vow.epoch().equals(state.epoch()) && vow.primary().equals(state.primary());
        Decision asEver =
                isItsReign
                        ? following.decide(now, view.heldBy(state.primary()), state)
                        : new Decision.Stay(Reason.of(Code.VOUCHING_FOR_PRIMARY, ""));
        return asEver instanceof Decision.Stay
                ? new Decision.Stay(
                        Reason.of(
                                Code.VOUCHING_FOR_PRIMARY,
                                "it vouches for "
                                        + vow.primary()
                                        + ", primary of epoch "
                                        + vow.epoch()
                                        + ", which has no session with ZooKeeper now"))
                : asEver;
    }

    private static boolean isOurs(Situation now, ClusterState state) {
        return state.primary().equals(now.identity().name())
                && state.incarnation().equals(now.identity().incarnation())
                && now.reign() != null
                && now.reign().epoch().equals(state.epoch())
                && state.phase() != Phase.VACANT;
    }

    private static Decision withoutCluster(Situation now, ClusterView view) {
        if (now.postgres() instanceof OwnPostgres.Unusable unusable) {
            return unusable(unusable);
        }
        if (!(now.postgres() instanceof OwnPostgres.Absent)) {
            return new Decision.Hold(
                    Reason.of(
                            Code.STATE_IS_MISSING,
                            "ZooKeeper knows no such cluster, and the data directory is not empty:"
                                    + " check zookeeper.connect, namespace and cluster"));
        }
        Optional<MemberStatus> withData =
                view.members().stream().filter(m -> m.systemIdentifier() != null).findFirst();
        if (withData.isPresent()) {
            return new Decision.Hold(
                    Reason.of(
                            Code.STATE_IS_MISSING,
                            "ZooKeeper knows no such cluster, and "
                                    + withData.get().name()
                                    + " has data: nothing is initialised beside it"));
        }
        Optional<String> unreadable =
                view.unreadable().keySet().stream()
                        .filter(node -> node.startsWith(ClusterView.MEMBERS))
                        .sorted()
                        .findFirst();
        if (unreadable.isPresent()) {
            return new Decision.Hold(
                    Reason.of(
                            Code.STATE_IS_MISSING,
                            "ZooKeeper knows no such cluster, and a member may have data, for its"
                                    + " node cannot be read: "
                                    + unreadable.get()));
        }
        if (!now.settings().mayBootstrap()) {
            return new Decision.Hold(
                    Reason.of(
                            Code.BOOTSTRAP_NOT_ALLOWED,
                            "there is no cluster yet, and this member may not make one"));
        }
        return new Decision.Bootstrap(
                Reason.of(Code.NO_CLUSTER_YET, "there is no cluster and no data anywhere yet"));
    }

    static Decision unusable(OwnPostgres.Unusable unusable) {
        return new Decision.Hold(
                Reason.of(
                        Code.DATA_DIRECTORY_UNUSABLE,
                        "the data directory cannot be used: " + unusable.why()));
    }

    /** What must never be touched: another cluster's data, or a member of the same name. */
    private static Optional<Decision> refusal(Situation now, ClusterState state) {
        if (now.postgres() instanceof OwnPostgres.Unusable unusable && !isOurs(now, state)) {
            return Optional.of(unusable(unusable));
        }
        SystemIdentifier own = systemIdentifier(now.postgres());
        SystemIdentifier clusters = state.systemIdentifier();
        if (own != null && clusters != null && !own.equals(clusters)) {
            return Optional.of(
                    new Decision.Hold(
                            Reason.of(
                                    Code.DATA_OF_ANOTHER_CLUSTER,
                                    "the data directory belongs to another cluster: system identifier "
                                            + own
                                            + " (expected: "
                                            + clusters
                                            + ")")));
        }
        return Optional.empty();
    }

    private static @Nullable SystemIdentifier systemIdentifier(OwnPostgres postgres) {
        return switch (postgres) {
            case OwnPostgres.Stopped stopped when stopped.data().repair() != Repair.REPLACE ->
                    stopped.data().systemIdentifier();
            case OwnPostgres.Stopped half -> null;
            case OwnPostgres.Starting starting -> starting.data().systemIdentifier();
            case OwnPostgres.Stopping stopping -> stopping.data().systemIdentifier();
            case OwnPostgres.Standby standby -> standby.status().systemIdentifier();
            case OwnPostgres.Primary primary -> primary.status().systemIdentifier();
            case OwnPostgres.Unclear unclear -> null;
            case OwnPostgres.Unusable unusable -> null;
            case OwnPostgres.Absent absent -> null;
            case OwnPostgres.Unsealed unsealed -> null;
        };
    }

    /** A Postgres that takes writes, or may, while this process holds no authority. */
    private static Optional<Decision> withoutAuthority(
            Situation now, ClusterView view, ClusterState state) {
        boolean wasOurs =
                state.primary().equals(now.identity().name())
                        && state.incarnation().equals(now.identity().incarnation())
                        && state.phase() != Phase.VACANT;
        boolean formerSessionLives =
                wasOurs
                        && !view.latch().isEmpty()
                        && view.latch().getFirst().equals(now.identity().name());
        return switch (now.postgres()) {
            case OwnPostgres.Primary primary -> Optional.of(endReign(formerSessionLives, state));
            case OwnPostgres.Starting starting when starting.asPrimary() ->
                    Optional.of(endReign(formerSessionLives, state));
            case OwnPostgres.Stopping stopping ->
                    Optional.of(
                            new Decision.Stay(
                                    Reason.of(Code.WAITING_FOR_POSTGRES, "Postgres is stopping")));
            // A cluster in the making has nobody to succeed its maker: that is taken up again.
            case OwnPostgres.Stopped stopped
                    when formerSessionLives && state.phase() != Phase.BOOTSTRAPPING ->
                    Optional.of(ofAnotherLife(stopped, now, state));
            case OwnPostgres.Stopped stopped -> Optional.empty();
            case OwnPostgres.Starting starting -> Optional.empty();
            case OwnPostgres.Standby standby -> Optional.empty();
            case OwnPostgres.Absent absent -> Optional.empty();
            case OwnPostgres.Unsealed unsealed -> Optional.empty();
            case OwnPostgres.Unclear unclear -> Optional.empty();
            case OwnPostgres.Unusable unusable -> Optional.empty();
        };
    }

    /**
     * That the own Postgres is dead proves nothing of the reign if that was another's: a copy of
     * this disk, on a host that is reached by the same name, say. As a standby it may run.
     */
    private static Decision ofAnotherLife(
            OwnPostgres.Stopped stopped, Situation now, ClusterState state) {
        if (stopped.permitted().equals(state.epoch())) {
            return new Decision.Release(
                    Succession.leftBy(stopped, null, "its sidecar was replaced"),
                    Reason.of(
                            Code.SESSION_OF_ANOTHER_LIFE,
                            "an earlier life of this sidecar held the authority, and its Postgres is"
                                    + " proven dead"));
        }
        Reason why =
                Reason.of(
                        Code.WAITING_FOR_EXPIRY,
                        "a session in the name of this member holds the authority of epoch "
                                + state.epoch()
                                + ", and nothing here shows that it was of this host: its end is"
                                + " waited for");
        boolean mayRunMeanwhile =
                stopped.data().repair() == Repair.NONE
                        && ColdStart.isOfLastPrimary(stopped, now, state);
        return mayRunMeanwhile ? new Decision.StartAsStandby(null, why) : new Decision.Stay(why);
    }

    /**
     * The lease of an earlier life may still run. It is not renewed, so it ends before the session
     * does; until then the clients keep their server.
     */
    private static Decision endReign(boolean formerSessionLives, ClusterState state) {
        if (formerSessionLives) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_EXPIRY,
                            "an earlier life of this sidecar holds the authority of epoch "
                                    + state.epoch()
                                    + "; its lease is running out"));
        }
        return new Decision.Stop(
                true,
                false,
                Reason.of(
                        Code.NO_AUTHORITY,
                        "Postgres takes writes without authority: epoch "
                                + state.epoch()
                                + " belongs to "
                                + state.primary()));
    }
}
