package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Situation.Identity;
import io.matriarch.elector.vouching.Departures;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ServerException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one member of a cluster does, again and again: it looks, decides, acts, and tells the
 * others. Everything is decided anew in each cycle from what is there, so nothing is lost by a
 * restart. For one thread.
 */
public final class MemberCycle {

    private static final Logger log = LoggerFactory.getLogger(MemberCycle.class);

    private static final Duration CALM = Duration.ofMillis(250);
    private static final Duration HELD = Duration.ofMillis(60);
    private static final Duration BUSY = Duration.ofMillis(20);

    /** Beside what one call to ZooKeeper may take; whatever takes longer has its own thread. */
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(30);

    /** After so long without a look it is said that what is told is old. */
    private static final Duration OLD = Duration.ofSeconds(10);

    private final Surroundings around;
    private final Profile profile;
    private final Function<Situation, Decision> decider;
    private final Membership membership;
    private final Vows vows;
    private final Departures departures;
    private final Authority authority;
    private final Supervisor supervisor;
    private final Observer observer;
    private final Enactor enactor;

    private volatile Outlook outlook = Outlook.NONE;
    private volatile @Nullable Renewal told;
    private volatile String lastTrouble = "";
    private final StatusReport report;
    private volatile BootTime lookedAt;

    /** What this member thinks now, for whoever asks. */
    public record Outlook(@Nullable Situation situation, @Nullable Decision decision) {
        static final Outlook NONE = new Outlook(null, null);
    }

    /**
     * Who this member is.
     *
     * @param api base URL of this sidecar's HTTP API, told to others
     * @param sidecarVersion told to others
     */
    public record Profile(
            String cluster,
            Identity identity,
            Settings settings,
            LeaseSettings lease,
            String api,
            String sidecarVersion) {}

    public MemberCycle(
            Surroundings around, Profile profile, Function<Situation, Decision> decider) {
        this.around = around;
        this.profile = profile;
        this.decider = decider;
        Settings own = profile.settings();
        this.membership = new Membership(around.nodes(), own.self());
        this.report = new StatusReport(membership, around, profile);
        this.vows = new Vows(profile.identity(), profile.lease().session(), around.pace().now());
        this.lookedAt = around.pace().now();
        this.departures = new Departures(own.patience().departure());
        this.supervisor = new Supervisor(around.control(), around.pace(), around.bootId());
        this.authority =
                new Authority(
                        membership,
                        around.control(),
                        around.pace(),
                        profile.lease(),
                        new Authority.LeaseHolder(
                                profile.cluster(), profile.identity().incarnation(), this::renewal),
                        new Authority.Footing(
                                () -> supervisor.isAlive() && isLooking(),
                                this::isForsaken,
                                around.cluster()::negotiatedSession),
                        new Authority.Backers(own.self(), around.electors(), vows));
        Observer.Enforcement enforcement =
                new Observer.Enforcement(around.settling(), around.server());
        this.observer =
                new Observer(
                        supervisor,
                        around.files(),
                        around.marks(),
                        enforcement,
                        own,
                        around.pace());
        this.enactor =
                new Enactor(
                        around,
                        new Enactor.Standing(
                                own.self(),
                                membership,
                                authority,
                                supervisor,
                                new Candidacy.Ways(
                                        own.priority(), own.concession(), own.mostLoss()),
                                own.synchrony().mode(),
                                vows),
                        enforcement);
    }

    public Authority authority() {
        return authority;
    }

    /** What this member has vowed, and where others ask it to. */
    public Vows vows() {
        return vows;
    }

    public Outlook outlook() {
        Outlook last = outlook;
        Duration ago = around.pace().now().since(lookedAt);
        return last.decision() == null || ago.compareTo(OLD) < 0
                ? last
                : new Outlook(
                        last.situation(), new Decision.Hold(Reason.notLooking(ago, lastTrouble)));
    }

    /**
     * Who cannot look at its Postgres, or hangs in doing so or in acting on it, must not go on as a
     * primary: whatever becomes of the server, nobody here would do anything.
     */
    private boolean isLooking() {
        Duration most = LONGEST_ROUND.plus(profile.lease().session());
        return around.pace().now().since(lookedAt).compareTo(most) <= 0;
    }

    /** By then its session would have ended, had its process; the supervisor fences before. */
    private boolean isForsaken(BootTime deadline) {
        Duration expired = around.pace().now().since(deadline);
        return !isLooking()
                && supervisor.isAlive()
                && expired.compareTo(profile.lease().session()) > 0;
    }

    /** One round; returns how long to wait before the next, unless somebody wakes this member. */
    public Duration turn() throws InterruptedException {
        try {
            return cycle();
        } catch (RuntimeException e) {
            // Whatever it was, the next cycle decides anew from what is there.
            tell(e);
            return CALM;
        }
    }

    /** Once for each change of mood, not once for each cycle. */
    private void tell(RuntimeException trouble) {
        String text = trouble.toString();
        if (text.equals(lastTrouble)) {
            return;
        }
        lastTrouble = text;
        if (trouble instanceof ClusterException) {
            log.atWarn()
                    .addKeyValue("error", trouble.getMessage())
                    .addKeyValue("cause", String.valueOf(trouble.getCause()))
                    .log("ZooKeeper is of no help now");
        } else {
            log.atError().setCause(trouble).log("cycle failed");
        }
    }

    private Duration cycle() throws InterruptedException {
        Situation now = observe();
        standNoMore(now);
        if (around.activity().isRunning()) {
            report.publish(now, around.activity().name());
            return CALM;
        }
        if (supervisor.hasLeftOvers() && supervisor.isAlive()) {
            around.activity().begin("ending left-over jobs", supervisor::endLeftOvers);
            return CALM;
        }
        Decision decision = decider.apply(now);
        notePosition(now, decision);
        if (isTooEarly(decision)) {
            report.publish(now, around.settling().name());
            return CALM;
        }
        note(decision);
        outlook = new Outlook(now, decision);
        if (!mayAct(now, decision)) {
            return CALM;
        }
        enact(decision, now);
        lastTrouble = "";
        return isEventful(now, decision) ? BUSY : isHoldingClients(decision) ? HELD : CALM;
    }

    /**
     * Nobody starts, builds or votes under a name before it is claimed in the present session, for
     * another may have it by now. What ends something, and what rests on the authority, needs no
     * name.
     */
    private boolean mayAct(Situation now, Decision decision) {
        boolean needsName =
                now.reign() == null
                        && !(decision instanceof Decision.Stay)
                        && !(decision instanceof Decision.Hold)
                        && !(decision instanceof Decision.Stop)
                        && !(decision instanceof Decision.Release);
        if (!needsName || membership.isPresent()) {
            return true;
        }
        return around.cluster().isConnected()
                ? report.show(now, decision.reason().detail())
                : membership.hasBeenPresent();
    }

    /**
     * While a set is put in force nobody builds on it, and no other set is: the checkpoint under
     * way proves nothing of that. All else goes on, for a checkpoint may take minutes: to stop
     * without authority, to give it up, to start again.
     */
    private boolean isTooEarly(Decision decision) {
        return around.settling().isRunning()
                && (decision instanceof Decision.EnforceSynchronous
                        || decision instanceof Decision.PublishSynchronous
                        || decision instanceof Decision.BeginHandover);
    }

    private boolean isSettling() {
        return around.activity().isRunning() || around.settling().isRunning();
    }

    /** What fails is told too: others count on what this member says of itself. */
    private void enact(Decision decision, Situation now) throws InterruptedException {
        String doing = decision.reason().detail();
        try {
            enactor.enact(decision, now);
        } catch (RuntimeException failure) {
            try {
                report.publish(now, doing + ", which fails: " + failure.getMessage());
            } catch (RuntimeException unreachable) {
                failure.addSuppressed(unreachable);
            }
            throw failure;
        }
        report.publish(now, doing);
    }

    /**
     * Who has reached for the authority in vain, or has begun to live, may vouch for another only
     * when nothing of that can take effect any more.
     */
    private void standNoMore(Situation now) {
        ClusterView view = now.view();
        Decision last = outlook.decision();
        boolean isDue =
                view != null
                        && view.state() != null
                        && view.state().electorate() != null
                        && vows.isStanding()
                        && authority.reign().isEmpty()
                        && around.cluster().isConnected()
                        && !(last instanceof Decision.Stand)
                        && !(last instanceof Decision.Bootstrap);
        if (!isDue) {
            return;
        }
        membership
                .proveOutOfLatch()
                .ifPresent(read ->
                        vows.standsNoMore(read.map(Membership.KnownState::state).orElse(null)));
    }

    private Situation.Vouching vouching(@Nullable ClusterView view, BootTime now) {
        if (view != null && view.state() != null) {
            vows.see(view.state());
        }
        return new Situation.Vouching(
                vows.binding(now).orElse(null),
                vows.mayTakeFrom(),
                view == null ? Set.of() : departures.look(view, now),
                authority.backing().isCertain(),
                authority.isUpheldByVows(),
                authority.backing().promised());
    }

    private Situation observe() {
        ClusterView view = around.cluster().view().orElse(null);
        BootTime now = around.pace().now();
        Situation.Vouching vouching = vouching(view, now);
        OwnPostgres postgres = observer.look(view, isSettling());
        lookedAt = around.pace().now();
        return new Situation(
                now,
                profile.settings(),
                profile.identity(),
                postgres,
                view,
                authority.reign().orElse(null),
                view == null ? null : enactor.election(now, view),
                handover(postgres),
                requests(),
                vouching);
    }

    private Situation.@Nullable Handover handover(OwnPostgres postgres) {
        Situation.Handover under = enactor.handover();
        return under != null && postgres instanceof OwnPostgres.Primary
                ? clients().map(under::seeing).orElse(under)
                : under;
    }

    private Optional<Situation.Clients> clients() {
        long undrained =
                around.cluster().ambassadors().stream()
                        .filter(it ->
                                !authority.validEpoch().map(it.drained()::equals).orElse(false))
                        .count();
        try {
            int inTransaction = around.server().clientsInTransaction();
            return Optional.of(new Situation.Clients(Math.toIntExact(undrained), inTransaction));
        } catch (ServerException unknown) {
            return Optional.empty();
        }
    }

    /** A switchover that began under an earlier reign has ended with it. */
    private Situation.Requests requests() {
        if (authority.reign().isEmpty()) {
            return Situation.Requests.NONE;
        }
        Request waiting = null;
        for (Request request : around.cluster().requests()) {
            if (request.kind() != Kind.SWITCHOVER || request.isOver()) {
                continue;
            }
            if (request.progress() == Progress.RUNNING
                    && enactor.handover() == null
                    && !around.activity().isRunning()) {
                around.cluster().answer(outcomeUnderThisReign(request));
            } else if (request.progress() == Progress.PENDING && waiting == null) {
                waiting = request;
            }
        }
        return new Situation.Requests(waiting);
    }

    /** Its successor may be here before the last primary has said that it is done. */
    private Request outcomeUnderThisReign(Request switchover) {
        MemberName self = profile.identity().name();
        return self.equals(switchover.member())
                ? switchover.now(Progress.DONE, "handed over to " + self, "")
                : switchover.now(
                        Progress.FAILED,
                        "the switchover was interrupted; the primary is " + self,
                        "");
    }

    /** While its server does not answer, what it has told before is still true. */
    private void notePosition(Situation now, Decision decision) {
        MemberName self = profile.identity().name();
        if (now.reign() != null && now.postgres() instanceof OwnPostgres.Primary primary) {
            told = new Renewal(self, now.reign().epoch(), primary.status().written());
        } else if (decision instanceof Decision.Stand stand
                && now.postgres() instanceof OwnPostgres.Standby standby) {
            told = new Renewal(self, stand.expected().epoch().next(), standby.position());
        }
    }

    /** On the thread that renews, too. */
    private Renewal renewal(Epoch epoch) {
        Renewal last = told;
        return last != null && last.epoch().equals(epoch)
                ? last
                : new Renewal(profile.identity().name(), epoch, Lsn.ZERO);
    }

    static boolean isHandingOver(Situation now) {
        ClusterView view = now.view();
        return view != null && view.state() != null && view.state().phase() == Phase.DRAINING;
    }

    /** Nobody tells when a standby has confirmed, and that may take hours. */
    private static boolean isHoldingClients(Decision decision) {
        return decision instanceof Decision.Stay
                && decision.reason().code() == Code.CLIENTS_ARE_HELD;
    }

    /** While a change of primary is under way here, every millisecond counts. */
    private static boolean isEventful(Situation now, Decision decision) {
        ClusterView view = now.view();
        boolean isTakingOver =
                now.reign() != null
                        && view != null
                        && view.state() != null
                        && view.state().phase() != Phase.READY
                        && view.state().phase() != Phase.RECOVERING;
        return switch (decision) {
            case Decision.Hold hold -> false;
            case Decision.Stay stay -> isTakingOver || isHandingOver(now) || now.election() != null;
            case Decision.Bootstrap b -> true;
            case Decision.Initialise i -> false;
            case Decision.StartAsStandby s -> false;
            case Decision.StartAsPrimary s -> false;
            case Decision.Follow f -> true;
            case Decision.Vote v -> true;
            case Decision.CatchUp c -> true;
            case Decision.StopReceiving s -> true;
            case Decision.Stand s -> true;
            case Decision.Promote p -> true;
            case Decision.PublishRecovering p -> true;
            case Decision.PublishReady p -> true;
            case Decision.Stop s -> true;
            case Decision.Release r -> true;
            case Decision.Rewind r -> false;
            case Decision.Delta d -> false;
            case Decision.Clone c -> false;
            case Decision.EnforceSynchronous e -> true;
            case Decision.PublishSynchronous p -> true;
            case Decision.PublishElectorate p -> true;
            case Decision.BeginHandover b -> true;
            case Decision.Refuse r -> false;
        };
    }

    private void note(Decision decision) {
        Decision before = outlook.decision();
        boolean isNews =
                before == null
                        || before.getClass() != decision.getClass()
                        || before.reason().code() != decision.reason().code();
        if (isNews) {
            (decision instanceof Decision.Hold ? log.atWarn() : log.atInfo())
                    .addKeyValue("decision", decision.getClass().getSimpleName())
                    .addKeyValue("code", decision.reason().code())
                    .addKeyValue("reason", decision.reason().detail())
                    .log("decided");
        }
    }
}
