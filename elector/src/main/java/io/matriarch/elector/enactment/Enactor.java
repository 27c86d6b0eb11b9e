package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.control.ControlDirectory;
import io.matriarch.elector.control.DesiredState.StopMode;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.PostgresServer;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries a decision out: one method for each, and the preconditions are checked again on the spot.
 */
final class Enactor {

    private static final Duration LATCH_PATIENCE = Duration.ofMillis(1500);
    private static final Duration RECEIVER_PATIENCE = Duration.ofSeconds(3);
    private static final Duration CHECKPOINT_PATIENCE = Duration.ofMinutes(5);
    private static final Duration BETWEEN_TRIGGERS = Duration.ofMillis(500);

    private final Parts parts;
    private final Rejoin rejoin;
    private final Founding founding;
    private final Accession accession;

    private volatile Situation.@Nullable Handover handover;
    private @Nullable BootTime votedAt;
    private Epoch votedFor = Epoch.NONE;
    private @Nullable BootTime triggeredAt;
    private @Nullable BootTime vacantSince;

    /** What an enactor works with. */
    record Parts(
            ClusterConnection cluster,
            Membership membership,
            Authority authority,
            ControlDirectory control,
            Supervisor supervisor,
            OwnServer server,
            PostgresSettings settings,
            MemberDirectory member,
            Configuration configuration,
            Activity activity,
            ElectorListener listener,
            Election election) {}

    /** The member's own weight in elections. */
    record Election(int priority, Mode mode) {}

    Enactor(Parts parts, BaseRestore archive) {
        this.parts = parts;
        this.rejoin =
                new Rejoin(
                        parts.settings(),
                        parts.member(),
                        parts.configuration(),
                        parts.supervisor(),
                        archive);
        this.accession = new Accession(parts.membership(), parts.listener());
        this.founding =
                new Founding(
                        parts.settings(),
                        parts.member(),
                        parts.configuration(),
                        parts.supervisor());
    }

    /** A handover ends with the reign in which it began. */
    Situation.@Nullable Handover handover() {
        if (parts.authority().reign().isEmpty()) {
            handover = null;
        }
        return handover;
    }

    /** How this member's part in the election for the place after {@code state} stands. */
    Situation.@Nullable Election election(BootTime now, ClusterView view) {
        ClusterState state = view.state();
        if (state == null || !view.isVacant()) {
            boolean isOver =
                    state != null
                            && state.phase() == Phase.READY
                            && parts.authority().reign().isEmpty();
            if (isOver) {
                vacantSince = null;
            }
            votedAt = null;
            return null;
        }
        if (vacantSince == null) {
            vacantSince = now;
        }
        if (!votedFor.equals(state.epoch().next())) {
            votedAt = null;
        }
        BootTime voted = votedAt;
        return new Situation.Election(
                now.since(vacantSince), voted == null ? null : now.since(voted));
    }

    void enact(Decision decision, Situation now) throws InterruptedException {
        leaveLatchUnlessStanding(decision);
        announceIfDue(now);
        switch (decision) {
            case Decision.Stay stay -> settle(now);
            case Decision.Hold hold -> {}
            case Decision.Bootstrap bootstrap -> bootstrap(now);
            case Decision.Initialise initialise -> initialise(now);
            case Decision.StartAsStandby start -> startAsStandby(start.primary());
            case Decision.StartAsPrimary start -> startAsPrimary(now);
            case Decision.Follow follow -> follow(follow.primary());
            case Decision.Vote vote -> vote(vote.epoch(), now);
            case Decision.Stand stand -> stand(stand, now);
            case Decision.Promote promote -> promote(promote.epoch(), now);
            case Decision.PublishReady ready -> publishReady(now);
            case Decision.Stop stop -> stop(stop);
            case Decision.Release release -> release(release.vacancy(), now);
            case Decision.Rewind rewind -> rewind(rewind.from(), now);
            case Decision.Clone copy -> build(copy.from(), now);
            case Decision.EnforceSynchronous enforce -> enforce(enforce.set(), now);
            case Decision.PublishSynchronous publish ->
                    write(now, state(now).withSynchronous(publish.set()));
            case Decision.BeginHandover begin -> beginHandover(begin, now);
            case Decision.Refuse refuse ->
                    parts.cluster()
                            .answer(
                                    refuse.request()
                                            .now(Progress.FAILED, refuse.reason().detail(), ""));
        }
    }

    /**
     * Who neither has the authority nor reaches for it has no business in the latch: a node left
     * there would look like a living primary's. Safe, because no lease was ever given under it.
     */
    private void leaveLatchUnlessStanding(Decision decision) {
        boolean isReaching =
                decision instanceof Decision.Stand || decision instanceof Decision.Bootstrap;
        if (!isReaching && parts.authority().reign().isEmpty()) {
            parts.membership().leaveLatch();
        }
    }

    /** A standby that streams has proven what was built, so what was kept aside may go. */
    private void settle(Situation now) {
        boolean isProven =
                now.postgres() instanceof OwnPostgres.Standby standby
                        && standby.status().isStreaming()
                        && standby.following() != null;
        if (!isProven) {
            return;
        }
        if (parts.member().reign().isPresent()) {
            parts.member().noteStandby();
        }
        if (parts.member().hasAsides() && !parts.activity().isRunning()) {
            parts.activity()
                    .begin("removing a replaced data directory", parts.member()::removeAsides);
        }
    }

    private void bootstrap(Situation now) throws InterruptedException {
        ClusterView view = view(now);
        ClusterState before = view.state();
        Epoch epoch = before == null ? Epoch.NONE.next() : before.epoch().next();
        if (!parts.membership().joinLatch(LATCH_PATIENCE)) {
            parts.membership().leaveLatch();
            return;
        }
        ClusterState claim =
                new ClusterState(
                        ClusterState.FORMAT,
                        epoch,
                        now.identity().name(),
                        now.identity().incarnation(),
                        Phase.BOOTSTRAPPING,
                        new Lineage(TimelineId.FIRST, Lsn.ZERO),
                        now.identity().postgres(),
                        parts.election().mode() == Mode.OFF ? null : SynchronousSet.NONE,
                        null,
                        false,
                        null);
        take(claim, view.stateVersion());
    }

    private void take(ClusterState next, int version) {
        boolean isOurs = parts.authority().take(next, version);
        if (!isOurs) {
            parts.membership().leaveLatch();
        }
    }

    private void initialise(Situation now) {
        Epoch epoch = state(now).epoch();
        parts.activity().begin("making the cluster", () -> founding.initialise(epoch));
    }

    private void startAsStandby(@Nullable Endpoint primary) {
        parts.configuration().write(Configuration.Role.following(primary), version());
        parts.supervisor().actual().ifPresent(parts.supervisor()::start);
    }

    private void startAsPrimary(Situation now) {
        ClusterState state = state(now);
        if (parts.authority().validEpoch().isEmpty()) {
            return;
        }
        parts.member().noteReign(state.epoch());
        parts.configuration().write(primaryRole(state), version());
        parts.supervisor().actual().ifPresent(parts.supervisor()::start);
    }

    private static Configuration.Role primaryRole(ClusterState state) {
        SynchronousSet set = state.synchronous();
        return new Configuration.Role(null, true, set == null ? SynchronousSet.NONE : set);
    }

    private void follow(Endpoint primary) {
        parts.configuration().write(Configuration.Role.following(primary), version());
        parts.server().reload();
    }

    /** The position is read only after the receiver is gone, so that it cannot grow any more. */
    private void vote(Epoch epoch, Situation now) throws InterruptedException {
        parts.configuration().write(Configuration.Role.standing(SynchronousSet.NONE), version());
        parts.server().reload();
        Optional<ServerStatus> last = awaitReceiverGone();
        if (last.isEmpty()) {
            return;
        }
        parts.membership()
                .vote(
                        new Ballot(
                                now.identity().name(),
                                epoch,
                                last.get().timeline(),
                                Lsn.max(last.get().written(), last.get().replayed()),
                                parts.election().priority()));
        votedFor = epoch;
        votedAt = now.now();
    }

    private Optional<ServerStatus> awaitReceiverGone() throws InterruptedException {
        long deadline = System.nanoTime() + RECEIVER_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            ServerStatus status = parts.server().status();
            if (status.receiver().isEmpty() && status.primaryConnInfo().isEmpty()) {
                return Optional.of(status);
            }
            Thread.sleep(10);
        }
        return Optional.empty();
    }

    private void stand(Decision.Stand stand, Situation now) throws InterruptedException {
        SynchronousSet set = stand.synchronous();
        parts.configuration()
                .write(
                        Configuration.Role.standing(set == null ? SynchronousSet.NONE : set),
                        version());
        parts.server().reload();
        if (!parts.membership().joinLatch(LATCH_PATIENCE)) {
            parts.membership().leaveLatch();
            return;
        }
        accession.follows(stand);
        take(
                stand.expected().succeededBy(now.identity(), stand.promised()),
                stand.expectedVersion());
        if (parts.authority().reign().isPresent()) {
            promote(stand.expected().epoch().next(), now);
        }
    }

    private void promote(Epoch epoch, Situation now) {
        BootTime last = triggeredAt;
        if (last != null && now.now().since(last).compareTo(BETWEEN_TRIGGERS) < 0) {
            return;
        }
        if (!parts.authority().validEpoch().map(epoch::equals).orElse(false)) {
            return;
        }
        parts.member().noteReign(epoch);
        parts.control().touchTrigger(epoch);
        triggeredAt = now.now();
    }

    private void publishReady(Situation now) {
        if (!(now.postgres() instanceof OwnPostgres.Primary primary)) {
            return;
        }
        ClusterState state = state(now);
        if (state.phase() == Phase.BOOTSTRAPPING) {
            founding.createRoles(parts.server().sql());
        }
        TimelineHistory history = history(primary.status().timeline());
        Lsn switchedAt =
                history.switches().isEmpty() ? Lsn.ZERO : history.switches().getLast().at();
        ClusterState ready =
                state.withPhase(Phase.READY)
                        .withLineage(
                                new Lineage(history.timeline(), switchedAt),
                                primary.status().systemIdentifier());
        if (write(now, ready) == Membership.Written.YES) {
            triggeredAt = null;
        }
    }

    /** What follows the first moment of a reign, again and again until all of it has been done. */
    private void announceIfDue(Situation now) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        if (state == null || state.phase() != Phase.READY || accession.isAnnounced(state.epoch())) {
            return;
        }
        boolean isOurs =
                now.postgres() instanceof OwnPostgres.Primary
                        && parts.authority().validEpoch().map(state.epoch()::equals).orElse(false);
        if (!isOurs) {
            return;
        }
        parts.configuration().write(primaryRole(state), version());
        parts.server().reload();
        BootTime since = vacantSince;
        accession.announce(
                state,
                history(state.lineage().timeline()),
                since == null ? Duration.ZERO : now.now().since(since));
        vacantSince = null;
    }

    private TimelineHistory history(TimelineId timeline) {
        return new DataDirectory(parts.settings().dataDirectory())
                .history(timeline)
                .orElseThrow(() ->
                        new IllegalStateException(
                                timeline.historyFileName() + " is missing in pg_wal"));
    }

    private void stop(Decision.Stop stop) {
        if (stop.needsRewind()) {
            parts.member().noteRepair(Repair.REWIND);
        }
        parts.supervisor().stop(stop.isImmediate() ? StopMode.IMMEDIATE : StopMode.FAST);
    }

    /** Only with the lock proven free in this very cycle; see the observer. */
    private void release(Vacancy vacancy, Situation now) {
        ClusterState vacated = state(now).vacated(vacancy);
        int version = view(now).stateVersion();
        if (parts.authority().reign().isPresent()) {
            parts.authority().release(vacated, version);
        } else {
            parts.membership()
                    .formerLatchPath()
                    .ifPresent(path -> parts.membership().release(path, vacated, version));
        }
        endHandover();
    }

    private void endHandover() {
        Situation.Handover over = handover;
        handover = null;
        if (over == null) {
            return;
        }
        parts.cluster().requests().stream()
                .filter(r -> r.id().equals(over.request()))
                .findFirst()
                .ifPresent(r ->
                        parts.cluster()
                                .answer(
                                        r.now(
                                                Progress.DONE,
                                                "handed over to " + over.successor(),
                                                "")));
    }

    private void rewind(Endpoint primary, Situation now) {
        ClusterState state = state(now);
        parts.activity()
                .begin(
                        "rewinding",
                        () -> {
                            rejoin.rewind(primary, state);
                            parts.listener().onDataReplaced();
                        });
    }

    private void build(Endpoint primary, Situation now) {
        ClusterState state = state(now);
        parts.activity()
                .begin(
                        "building the data directory",
                        () -> {
                            rejoin.build(primary, state);
                            parts.listener().onDataReplaced();
                        });
    }

    /**
     * Commits begin to wait only when the checkpointer has read the setting, and a checkpoint that
     * begins after the reload proves that it has.
     */
    private void enforce(SynchronousSet set, Situation now) {
        Configuration.Role role = primaryRole(state(now).withSynchronous(set));
        parts.configuration().write(role, version());
        parts.server().reload();
        boolean beginsToWait =
                now.postgres() instanceof OwnPostgres.Primary primary
                        && primary.status().synchronousStandbyNames().isEmpty();
        if (beginsToWait) {
            parts.activity().begin("putting the synchronous set in force", this::checkpoint);
        }
    }

    /**
     * A checkpoint first, so that the one at shutdown is short; only then do clients have to wait.
     */
    private void beginHandover(Decision.BeginHandover begin, Situation now) {
        // The successor knows by the name that it is meant, should it be ready before the answer.
        Request running =
                begin.request()
                        .about(begin.successor())
                        .now(Progress.RUNNING, "handing over to " + begin.successor(), "");
        parts.activity()
                .begin(
                        "preparing the switchover",
                        () -> {
                            parts.cluster().answer(running);
                            checkpoint();
                            if (write(now, state(now).withPhase(Phase.DRAINING))
                                    == Membership.Written.YES) {
                                handover =
                                        new Situation.Handover(
                                                running.id(), begin.successor(), now.now());
                            }
                        });
    }

    /** On a connection of its own, because it may take long. */
    private void checkpoint() {
        try (PostgresServer patient =
                new PostgresServer(parts.server().sql().address(), CHECKPOINT_PATIENCE)) {
            patient.execute("CHECKPOINT");
        }
    }

    private Membership.Written write(Situation now, ClusterState next) {
        return parts.authority().write(next, view(now).stateVersion());
    }

    private static ClusterView view(Situation now) {
        ClusterView view = now.view();
        if (view == null) {
            throw new IllegalStateException("no act without a view of the cluster");
        }
        return view;
    }

    private static ClusterState state(Situation now) {
        ClusterState state = view(now).state();
        if (state == null) {
            throw new IllegalStateException("no such act without a cluster");
        }
        return state;
    }

    private PostgresVersion version() {
        return PostgresVersion.ofMajor(
                new DataDirectory(parts.settings().dataDirectory()).majorVersion().orElseThrow());
    }
}
