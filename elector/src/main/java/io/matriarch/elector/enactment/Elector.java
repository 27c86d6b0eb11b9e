package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.control.ControlDirectory;
import io.matriarch.elector.decision.Decider;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.host.BootClock;
import io.matriarch.postgres.sql.PostgresServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a cluster: looks, decides, acts, and tells the others; again and again, on one
 * thread. Everything is decided anew in each cycle from what is there, so nothing is lost by a
 * restart.
 */
public final class Elector implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Elector.class);

    private static final Duration CALM = Duration.ofMillis(250);
    private static final Duration BUSY = Duration.ofMillis(20);
    private static final Duration BETWEEN_STATUSES = Duration.ofSeconds(1);

    private final ElectorSettings settings;
    private final Waker waker;
    private final ClusterConnection cluster;
    private final Membership membership;
    private final ControlDirectory control;
    private final BootClock clock = BootClock.ofThisHost();
    private final Decider decider = new Decider();
    private final Observer observer;
    private final Enactor enactor;
    private final Authority authority;
    private final Activity activity;
    private final OwnServer server;
    private final ElectorListener listener;
    private final Thread loop;

    private volatile boolean isClosed;
    private volatile Outlook outlook = Outlook.NONE;
    private @Nullable MemberStatus published;
    private BootTime publishedAt = BootTime.ZERO;
    private String lastTrouble = "";

    /** What this member thinks now, for whoever asks. */
    public record Outlook(@Nullable Situation situation, @Nullable Decision decision) {
        static final Outlook NONE = new Outlook(null, null);
    }

    /**
     * @param waker woken by the cluster's connection, too
     */
    public Elector(
            ElectorSettings settings,
            ClusterConnection cluster,
            Waker waker,
            BaseRestore archive,
            ElectorListener listener) {
        this.settings = settings;
        this.cluster = cluster;
        this.waker = waker;
        this.listener = listener;
        PostgresSettings postgres = settings.postgres();
        Settings own = settings.decisions();
        this.control = new ControlDirectory(postgres.controlDirectory());
        this.membership = new Membership(cluster, own.self());
        this.server =
                new OwnServer(
                        new PostgresServer(settings.localServer(), ElectorSettings.ANSWER_PATIENCE),
                        new DataDirectory(postgres.dataDirectory()));
        this.activity = new Activity(waker::wake);
        MemberDirectory member = settings.memberDirectory();
        Supervisor supervisor = new Supervisor(control, clock, BootClock.bootIdOfThisHost());
        this.authority =
                new Authority(
                        membership,
                        control,
                        clock,
                        settings.lease(),
                        new Authority.LeaseHolder(settings.cluster(), member.incarnation()),
                        new Authority.Footing(supervisor::isAlive, cluster::negotiatedSession));
        this.observer =
                new Observer(
                        supervisor,
                        new DataDirectory(postgres.dataDirectory()),
                        member,
                        server,
                        own,
                        clock);
        this.enactor =
                new Enactor(
                        new Enactor.Parts(
                                cluster,
                                membership,
                                authority,
                                control,
                                supervisor,
                                server,
                                postgres,
                                member,
                                new Configuration(postgres, own.self(), settings.writePasswords()),
                                activity,
                                listener,
                                new Enactor.Election(own.priority(), own.synchrony().mode())),
                        archive);
        this.loop = Thread.ofPlatform().name("elector").unstarted(this::run);
    }

    public Elector open() {
        authority.open();
        loop.start();
        return this;
    }

    public Authority authority() {
        return authority;
    }

    /** Whether the loop goes round. */
    public boolean isRunning() {
        return loop.isAlive();
    }

    public Outlook outlook() {
        return outlook;
    }

    private void run() {
        while (!isClosed) {
            try {
                cycle();
            } catch (InterruptedException e) {
                return;
            } catch (ClusterException e) {
                tell(e);
                pause();
            } catch (RuntimeException e) {
                // Whatever it was, the next cycle decides anew from what is there.
                tell(e);
                pause();
            }
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

    private void pause() {
        try {
            waker.await(CALM);
        } catch (InterruptedException e) {
            isClosed = true;
        }
    }

    private void cycle() throws InterruptedException {
        Situation now = observe();
        if (activity.isRunning()) {
            publish(now, activity.name());
            waker.await(CALM);
            return;
        }
        Decision decision = decider.decide(now);
        note(decision);
        outlook = new Outlook(now, decision);
        enactor.enact(decision, now);
        publish(now, decision.reason().detail());
        lastTrouble = "";
        waker.await(isEventful(now, decision) ? BUSY : CALM);
    }

    private Situation observe() {
        ClusterView view = cluster.view().orElse(null);
        BootTime now = clock.now();
        return new Situation(
                now,
                settings.decisions(),
                settings.identity(),
                observer.look(view, activity.isRunning()),
                view,
                authority.reign().orElse(null),
                view == null ? null : enactor.election(now, view),
                enactor.handover(),
                requests());
    }

    /** A switchover that began under an earlier reign has ended with it. */
    private Situation.Requests requests() {
        if (authority.reign().isEmpty()) {
            return Situation.Requests.NONE;
        }
        Request waiting = null;
        for (Request request : cluster.requests()) {
            if (request.kind() != Kind.SWITCHOVER || request.isOver()) {
                continue;
            }
            if (request.progress() == Progress.RUNNING
                    && enactor.handover() == null
                    && !activity.isRunning()) {
                cluster.answer(outcomeUnderThisReign(request));
            } else if (request.progress() == Progress.PENDING && waiting == null) {
                waiting = request;
            }
        }
        return new Situation.Requests(waiting);
    }

    /** Its successor may be here before the last primary has said that it is done. */
    private Request outcomeUnderThisReign(Request switchover) {
        MemberName self = settings.decisions().self();
        return self.equals(switchover.member())
                ? switchover.now(Progress.DONE, "handed over to " + self, "")
                : switchover.now(
                        Progress.FAILED,
                        "the switchover was interrupted; the primary is " + self,
                        "");
    }

    /** While a change of primary is under way here, every millisecond counts. */
    private static boolean isEventful(Situation now, Decision decision) {
        ClusterView view = now.view();
        boolean isTakingOver =
                now.reign() != null
                        && view != null
                        && view.state() != null
                        && view.state().phase() != Phase.READY;
        return switch (decision) {
            case Decision.Hold hold -> false;
            case Decision.Stay stay -> isTakingOver || now.election() != null;
            case Decision.Bootstrap b -> true;
            case Decision.Initialise i -> false;
            case Decision.StartAsStandby s -> false;
            case Decision.StartAsPrimary s -> false;
            case Decision.Follow f -> true;
            case Decision.Vote v -> true;
            case Decision.Stand s -> true;
            case Decision.Promote p -> true;
            case Decision.PublishReady p -> true;
            case Decision.Stop s -> true;
            case Decision.Release r -> true;
            case Decision.Rewind r -> false;
            case Decision.Clone c -> false;
            case Decision.EnforceSynchronous e -> true;
            case Decision.PublishSynchronous p -> true;
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

    private void publish(Situation now, String doing) {
        if (!cluster.isConnected()) {
            return;
        }
        MemberStatus status =
                StatusReport.of(
                        now,
                        settings,
                        new MemberStatus.Sidecar(
                                settings.api(), doing, listener.archiving().orElse(null)));
        MemberStatus last = published;
        boolean isDue = now.now().since(publishedAt).compareTo(BETWEEN_STATUSES) >= 0;
        boolean isOtherRole = last == null || last.role() != status.role();
        boolean isShown = now.view() != null && now.view().member(status.name()).isPresent();
        if (!isOtherRole && isShown && (!isDue || status.equals(last))) {
            return;
        }
        membership.publish(status);
        published = status;
        publishedAt = now.now();
    }

    /**
     * Ends this sidecar and leaves Postgres as it is; a primary's lease runs out by itself.
     *
     * <p>While the authority is held the connection to ZooKeeper must not be closed afterwards: the
     * session has to outlive the lease, or another member could be elected before Postgres has
     * stopped.
     */
    @Override
    public void close() {
        isClosed = true;
        waker.wake();
        activity.close();
        authority.close();
        try {
            loop.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
    }
}
