package io.matriarch.elector.assignment;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which member takes a base backup. A healthy standby is preferred, as a backup costs reading and
 * CPU that clients of the primary would miss; one that commits do not wait for before one that they
 * do; then by name, so that an interrupted backup is taken up where it was.
 */
public sealed interface BackupChoice {

    /** For people. */
    String reason();

    /** This one. */
    record Chosen(MemberName member, String reason) implements BackupChoice {}

    /**
     * None.
     *
     * @param isFinal whether waiting does not help
     */
    record Nobody(boolean isFinal, String reason) implements BackupChoice {}

    /**
     * Further behind than this, a standby would give a backup that is too old. More than the
     * members' reports, which are not of one moment, differ by under load.
     */
    long FAR_BEHIND_BYTES = 256L << 20;

    /**
     * Chooses.
     *
     * @param tried members that have failed already
     */
    static BackupChoice of(ClusterView view, BackupOrigin origin, Set<MemberName> tried) {
        ClusterState state = view.state();
        if (state == null || (state.phase() != Phase.READY && state.phase() != Phase.DRAINING)) {
            return new Nobody(false, "the cluster has no primary that takes writes");
        }
        Fitness fitness = new Fitness(view, state, tried);
        return switch (origin) {
            case BackupOrigin.Any() -> fitness.any();
            case BackupOrigin.Primary() -> fitness.exactly(state.primary());
            case BackupOrigin.Standby() -> fitness.standby();
            case BackupOrigin.Member(var name) -> fitness.exactly(name);
        };
    }

    /** Who could do it, at one moment. */
    record Fitness(ClusterView view, ClusterState state, Set<MemberName> tried) {

        private BackupChoice any() {
            BackupChoice standby = standby();
            return switch (standby) {
                case Chosen chosen -> chosen;
                case Nobody nobody ->
                        unfit(state.primary())
                                .<BackupChoice>map(why ->
                                        new Nobody(!tried.isEmpty(), nobody.reason() + "; " + why))
                                .orElseGet(() ->
                                        new Chosen(
                                                state.primary(),
                                                "the primary: " + nobody.reason()));
            };
        }

        private BackupChoice standby() {
            List<String> refusals = new ArrayList<>();
            List<MemberName> fit = new ArrayList<>();
            view.members().stream()
                    .map(MemberStatus::name)
                    .filter(name -> !name.equals(state.primary()))
                    .sorted(Comparator.comparing(this::isWaitedFor).thenComparing(name -> name))
                    .forEach(name ->
                            unfit(name).ifPresentOrElse(refusals::add, () -> fit.add(name)));
            if (!fit.isEmpty()) {
                return new Chosen(fit.getFirst(), "a standby that streams and is close behind");
            }
            return new Nobody(
                    true,
                    refusals.isEmpty()
                            ? "there is no standby"
                            : "no standby is fit: " + String.join("; ", refusals));
        }

        private BackupChoice exactly(MemberName name) {
            return unfit(name)
                    .<BackupChoice>map(why -> new Nobody(true, why))
                    .orElseGet(() -> new Chosen(name, "as asked for"));
        }

        private boolean isWaitedFor(MemberName name) {
            SynchronousSet set = state.synchronous();
            return set != null && set.members().contains(name);
        }

        /** Why a member cannot take the backup; empty if it can. */
        private Optional<String> unfit(MemberName name) {
            if (tried.contains(name)) {
                return Optional.of(name + " has been tried");
            }
            return view.member(name)
                    .map(member ->
                            name.equals(state.primary()) ? unfitPrimary(member) : unfit(member))
                    .orElseGet(() -> Optional.of(name + " does not live"));
        }

        private static Optional<String> unfitPrimary(MemberStatus member) {
            return member.role() == Role.PRIMARY
                    ? Optional.empty()
                    : Optional.of(member.name() + " does not run as the primary");
        }

        private Optional<String> unfit(MemberStatus standby) {
            MemberName name = standby.name();
            boolean isOfCluster =
                    standby.systemIdentifier() != null
                            && standby.systemIdentifier().equals(state.systemIdentifier());
            if (!isOfCluster) {
                return Optional.of(name + " holds no data of this cluster");
            }
            if (standby.role() != Role.STREAMING) {
                return Optional.of(name + " does not stream");
            }
            if (!state.lineage().timeline().equals(standby.timeline())) {
                return Optional.of(
                        "%s is on timeline %s (expected: %s)"
                                .formatted(name, standby.timeline(), state.lineage().timeline()));
            }
            long behind = behind(standby.replayed());
            return behind > FAR_BEHIND_BYTES
                    ? Optional.of(name + " is " + behind + " bytes behind")
                    : Optional.empty();
        }

        private long behind(Lsn replayed) {
            return view.member(state.primary())
                    .map(MemberStatus::received)
                    .filter(end -> end.isAfter(replayed))
                    .map(end -> end.minus(replayed))
                    .orElse(0L);
        }
    }
}
