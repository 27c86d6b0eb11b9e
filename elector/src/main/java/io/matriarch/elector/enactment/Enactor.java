package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.control.DesiredState.StopMode;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.sql.ServerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries a decision out: one method for each, and the preconditions are checked again on the spot.
 */
final class Enactor {

    private static final Duration LATCH_PATIENCE = Duration.ofMillis(1500);
    private static final Duration BETWEEN_TRIGGERS = Duration.ofMillis(500);

    private final Surroundings around;
    private final Standing standing;
    private final Rejoin rejoin;
    private final Founding founding;
    private final Candidacy candidacy;
    private final Accession accession;
    private final Observer.Enforcement enforcement;

    private volatile Situation.@Nullable Handover handover;
    private @Nullable BootTime triggeredAt;
    private @Nullable Enforced enforced;

    private record Enforced(Epoch epoch, SynchronousSet set) {}

    /**
     * What makes this member one of the cluster.
     *
     * @param ways what its ballots say
     */
    record Standing(
            MemberName self,
            Membership membership,
            Authority authority,
            Supervisor supervisor,
            Candidacy.Ways ways,
            Mode mode,
            Vows vows) {}

    Enactor(Surroundings around, Standing standing, Observer.Enforcement enforcement) {
        this.around = around;
        this.enforcement = enforcement;
        this.standing = standing;
        this.rejoin =
                new Rejoin(
                        around.files(),
                        around.marks(),
                        standing.supervisor(),
                        around.sources().rewind(),
                        around.sources().archive());
        this.candidacy =
                new Candidacy(
                        around,
                        standing.membership(),
                        standing.self(),
                        standing.ways(),
                        standing.vows());
        this.accession = new Accession(around, standing.membership(), standing.authority());
        this.founding = new Founding(around.files(), around.marks(), standing.supervisor());
    }

    /** A handover ends with the reign in which it began. */
    Situation.@Nullable Handover handover() {
        if (standing.authority().reign().isEmpty()) {
            handover = null;
        }
        return handover;
    }

    /** How this member's part in the election for the place after {@code state} stands. */
    Situation.@Nullable Election election(BootTime now, ClusterView view) {
        if (standing.vows().binding(now).isPresent()) {
            candidacy.rest();
            return null;
        }
        return candidacy.look(now, view, standing.authority().reign().isPresent());
    }

    void enact(Decision decision, Situation now) throws InterruptedException {
        leaveLatchUnlessStanding(decision);
        candidacy.sawPostgres(now.postgres());
        switch (decision) {
            case Decision.Stay stay -> stay(stay, now);
            case Decision.Hold hold -> {}
            case Decision.Bootstrap bootstrap -> bootstrap(now);
            case Decision.Initialise initialise -> initialise(now);
            case Decision.StartAsStandby start -> startAsStandby(start.primary(), now);
            case Decision.StartAsPrimary start -> startAsPrimary(now);
            case Decision.Follow follow -> follow(follow, now);
            case Decision.Vote vote -> candidacy.vote(vote, state(now), expected(now));
            case Decision.CatchUp catchUp -> candidacy.catchUp(catchUp, state(now), expected(now));
            case Decision.StopReceiving stop -> candidacy.stopReceiving(state(now), expected(now));
            case Decision.Stand stand -> stand(stand, now);
            case Decision.Promote promote -> promote(promote.epoch(), now);
            case Decision.PublishRecovering recovering -> accession.recovering(now);
            case Decision.PublishReady ready -> {
                if (accession.ready(now)) {
                    triggeredAt = null;
                }
            }
            case Decision.Stop stop -> stop(stop, now);
            case Decision.Release release -> release(release.vacancy(), now);
            case Decision.Rewind rewind ->
                    repair("rewinding", () -> rejoin.rewind(rewind.from(), state(now)), now);
            case Decision.Delta delta ->
                    repair(
                            "restoring what differs",
                            () -> rejoin.restore(delta.from(), state(now)),
                            now);
            case Decision.Clone copy ->
                    repair(
                            "building the data directory",
                            () -> rejoin.build(copy.from(), state(now)),
                            now);
            case Decision.EnforceSynchronous e when !enforcement.isDue(e.set(), now.now()) -> {}
            case Decision.EnforceSynchronous enforce -> enforce(enforce.set(), now);
            case Decision.PublishSynchronous publish ->
                    write(now, state(now).withSynchronous(publish.set()));
            case Decision.PublishElectorate publish ->
                    write(now, state(now).withElectorate(publish.members()));
            case Decision.BeginHandover begin -> beginHandover(begin, now);
            case Decision.Refuse refuse -> around.cluster().answer(refuse.answer());
        }
        // Last, for it may fail while the disk is full.
        announceIfDue(now);
    }

    /**
     * Who neither has the authority nor reaches for it has no business in the latch: a node left
     * there would look like a living primary's. Safe, because no lease was ever given under it.
     */
    private void leaveLatchUnlessStanding(Decision decision) {
        boolean isReaching =
                decision instanceof Decision.Stand || decision instanceof Decision.Bootstrap;
        if (!isReaching && standing.authority().reign().isEmpty()) {
            standing.membership().leaveLatch();
        }
    }

    private void stay(Decision.Stay stay, Situation now) {
        if (stay.reason().code() == Code.WAITING_FOR_SYNCHRONOUS_STANDBYS) {
            enforcement.prove();
        }
        settle(now);
    }

    /** A standby that streams has proven what was built, so what was kept aside may go. */
    private void settle(Situation now) {
        boolean isProven =
                now.postgres() instanceof OwnPostgres.Standby standby && standby.isProven();
        if (!isProven) {
            return;
        }
        if (around.marks().finished().isPresent()) {
            around.marks().noteProven();
        }
        List<Path> asides = around.clearing().isRunning() ? List.of() : around.marks().asides();
        if (!asides.isEmpty()) {
            around.clearing()
                    .begin("removing what was replaced", () -> around.marks().remove(asides));
        }
    }

    private void bootstrap(Situation now) throws InterruptedException {
        ClusterView view = view(now);
        ClusterState before = view.state();
        Epoch epoch = before == null ? Epoch.NONE.next() : before.epoch().next();
        if (!standing.authority().mayTake()
                || !standing.vows().beginStanding(before, around.pace().now())) {
            return;
        }
        if (!standing.membership().joinLatch(LATCH_PATIENCE)) {
            standing.membership().leaveLatch();
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
                        standing.mode() == Mode.OFF ? null : SynchronousSet.NONE,
                        null,
                        false,
                        null,
                        null);
        take(claim, before == null ? -1 : view.stateVersion(), List.of());
    }

    private void take(ClusterState next, int version, List<Ballot> votes) {
        boolean isOurs = standing.authority().take(next, version, votes);
        if (!isOurs) {
            standing.membership().leaveLatch();
        }
    }

    private void initialise(Situation now) {
        Epoch epoch = state(now).epoch();
        forbidStarts(now);
        around.activity()
                .begin("making the cluster", () -> founding.initialise(epoch, holds(epoch)));
    }

    /** Whether the authority of an epoch is ours, asked at any later time. */
    private BooleanSupplier holds(Epoch epoch) {
        return () -> standing.authority().validEpoch().map(epoch::equals).orElse(false);
    }

    /** What an earlier life was permitted must not make a primary of it. */
    private void startAsStandby(@Nullable Endpoint primary, Situation now) {
        candidacy.receiveAgain(primary, state(now));
        standing.authority().permitNothing("started as a standby");
        around.files().configure(OwnFiles.Role.following(primary, expected(now)));
        standing.supervisor().actual().ifPresent(standing.supervisor()::start);
    }

    private SynchronousSet expected(Situation now) {
        return standing.mode() == Mode.OFF
                ? SynchronousSet.NONE
                : state(now).synchronousFor(standing.self());
    }

    private void startAsPrimary(Situation now) {
        ClusterState state = state(now);
        if (standing.authority().validEpoch().isEmpty()) {
            return;
        }
        around.marks().noteReign(state.epoch(), state.lineage().timeline());
        around.files().configure(presentRole(state));
        standing.supervisor().actual().ifPresent(standing.supervisor()::start);
    }

    /**
     * What this reign had Postgres enforce last. The record may be behind: a promise that rests on
     * it may stand there already, though its answer was lost, or be just about to be made.
     */
    private OwnFiles.Role presentRole(ClusterState state) {
        Enforced last = enforced;
        return last != null && last.epoch().equals(state.epoch())
                ? OwnFiles.Role.reigning(last.set())
                : OwnFiles.Role.reigning(state.synchronous());
    }

    private void follow(Decision.Follow follow, Situation now) {
        candidacy.receiveAgain(follow.primary(), state(now));
        around.files()
                .configure(
                        follow.usesArchive()
                                ? OwnFiles.Role.following(follow.primary(), expected(now))
                                : OwnFiles.Role.streaming(follow.primary(), expected(now)));
        around.server().reload();
    }

    private void stand(Decision.Stand stand, Situation now) throws InterruptedException {
        boolean mayStand =
                stand.expected().mayBeSucceededBy(standing.self())
                        && standing.vows().beginStanding(stand.expected(), around.pace().now());
        if (!mayStand) {
            return;
        }
        SynchronousSet set = Objects.requireNonNullElse(stand.synchronous(), SynchronousSet.NONE);
        around.files().configure(OwnFiles.Role.standing(set));
        around.server().reload();
        if (!standing.authority().mayTake()) {
            return;
        }
        if (!standing.membership().joinLatch(LATCH_PATIENCE)) {
            standing.membership().leaveLatch();
            return;
        }
        accession.follows(stand, view(now));
        take(
                stand.expected().succeededBy(now.identity(), stand.promised()),
                stand.expectedVersion(),
                stand.votes());
        if (standing.authority().reign().isPresent()) {
            Epoch epoch = stand.expected().epoch().next();
            enforced = new Enforced(epoch, set);
            promote(epoch, now);
        }
    }

    private void promote(Epoch epoch, Situation now) {
        BootTime last = triggeredAt;
        if (last != null && now.now().since(last).compareTo(BETWEEN_TRIGGERS) < 0) {
            return;
        }
        if (!holds(epoch).getAsBoolean()) {
            return;
        }
        if (last != null) {
            around.server().endConflictsWithReplay();
        }
        noteReignOrStepDown(epoch, now);
        around.control().touchTrigger(epoch);
        around.server().reload(); // Whoever reads its settings again looks for the trigger, too.
        triggeredAt = now.now();
    }

    /**
     * Without the mark nobody is promoted. Who has no room for it lets the others, as long as its
     * server has surely not been told to promote: then nothing has come of the authority.
     */
    private void noteReignOrStepDown(Epoch epoch, Situation now) {
        try {
            around.marks().noteReign(epoch, state(now).lineage().timeline());
        } catch (RuntimeException unwritable) {
            if (triggeredAt == null) {
                standing.authority().forfeit("its reign cannot be noted");
            }
            throw unwritable;
        }
    }

    /** What follows the first moment of a reign, again and again until all of it has been done. */
    private void announceIfDue(Situation now) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        if (state == null || state.phase() != Phase.READY || accession.isAnnounced(state)) {
            return;
        }
        boolean isOurs =
                now.postgres() instanceof OwnPostgres.Primary
                        && holds(state.epoch()).getAsBoolean();
        if (!isOurs) {
            return;
        }
        around.marks().noteReign(state.epoch(), state.lineage().timeline());
        around.files().configure(presentRole(state));
        around.server().reload();
        accession.announce(state, candidacy.vacantFor(now.now()));
        candidacy.end();
    }

    /** A repair that has ended, and did not make it a standby that streams, is not tried again. */
    private void stop(Decision.Stop stop, Situation now) {
        if (stop.reason().code() == Code.STALLED
                && !rejoin.mayHelp(state(now).postgres(), now.now())) {
            return;
        }
        if (stop.needsRepair()) {
            Repair last = around.marks().unproven(state(now).epoch());
            around.marks().noteRepair(last.next());
        }
        Situation.Handover over = handover;
        if (over != null && now.postgres() instanceof OwnPostgres.Primary) {
            endSendersBehind(over.successor());
        }
        standing.supervisor().stop(stop.isImmediate() ? StopMode.IMMEDIATE : StopMode.FAST);
    }

    /** Without it the stop may take longer, and is cut short in the end. */
    private void endSendersBehind(MemberName successor) {
        try {
            around.server().endSendersBehind(successor);
        } catch (ServerException e) {
            return;
        }
    }

    /** Only with the lock proven free in this very cycle; see the observer. */
    private void release(Vacancy vacancy, Situation now) {
        ClusterState vacated = state(now).vacated(vacancy);
        int version = view(now).stateVersion();
        if (standing.authority().reign().isPresent()) {
            standing.authority().release(vacated, version);
        } else {
            standing.authority().permitNothing("an earlier life's authority is given up");
            standing.membership()
                    .formerLatchPath()
                    .ifPresent(path -> standing.membership().release(path, vacated, version));
        }
        endHandover();
    }

    private void endHandover() {
        Situation.Handover over = handover;
        handover = null;
        if (over == null) {
            return;
        }
        String done = "handed over to " + over.successor();
        for (Request request : around.cluster().requests()) {
            if (request.id().equals(over.request())) {
                around.cluster().answer(request.now(Progress.DONE, done, ""));
            }
        }
    }

    /**
     * Before a data directory is changed. The supervisor tries again by itself what it was told to
     * start, and knows nothing of a directory that is only half made: so it is told not to.
     */
    private void forbidStarts(Situation now) {
        standing.supervisor().stop(StopMode.FAST);
        candidacy.withdraw(state(now));
    }

    private void repair(String what, Activity.Act act, Situation now) {
        forbidStarts(now);
        around.activity()
                .begin(
                        what,
                        () -> {
                            act.run();
                            around.listener().onDataReplaced();
                        });
    }

    private void enforce(SynchronousSet set, Situation now) {
        Enforced before = enforced;
        enforced = new Enforced(state(now).epoch(), set);
        try {
            around.files().configure(OwnFiles.Role.reigning(set));
        } catch (RuntimeException unwritable) {
            // The record may come to promise what was enforced before, and nothing else.
            enforced = before;
            throw unwritable;
        }
        around.server().reload();
        enforcement.change(set);
    }

    /** First whatever makes the shutdown short; only then do clients have to wait. */
    private void beginHandover(Decision.BeginHandover begin, Situation now) {
        // The successor knows by the name that it is meant, should it be ready before the answer.
        Request running =
                begin.request()
                        .about(begin.successor())
                        .now(Progress.RUNNING, "handing over to " + begin.successor(), "");
        around.activity()
                .begin(
                        "preparing the switchover",
                        () -> {
                            around.cluster().answer(running);
                            around.server().fillSegment();
                            around.server().checkpoint();
                            if (write(now, state(now).withPhase(Phase.DRAINING)).isDone()) {
                                BootTime since = around.pace().now();
                                handover =
                                        new Situation.Handover(
                                                running.id(), begin.successor(), since);
                            }
                        });
    }

    private Membership.Written write(Situation now, ClusterState next) {
        return standing.authority().write(next, view(now).stateVersion());
    }

    static ClusterView view(Situation now) {
        ClusterView view = now.view();
        if (view == null) {
            throw new IllegalStateException("no act without a view of the cluster");
        }
        return view;
    }

    static ClusterState state(Situation now) {
        ClusterState state = view(now).state();
        if (state == null) {
            throw new IllegalStateException("no such act without a cluster");
        }
        return state;
    }
}
