package io.matriarch.elector.member;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.control.ControlDirectory;
import io.matriarch.elector.decision.Decider;
import io.matriarch.elector.enactment.Authority;
import io.matriarch.elector.enactment.BaseRestore;
import io.matriarch.elector.enactment.ElectorListener;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.enactment.Pace;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Electors;
import io.matriarch.postgres.host.BootClock;
import java.time.Duration;

/** One member of a cluster: its cycle on one thread, its renewals on another. */
public final class Elector implements AutoCloseable {

    private final Waker waker;
    private final ActivityThread activity;
    private final ActivityThread settling;
    private final ActivityThread clearing;
    private final SqlServer server;
    private final MemberCycle cycle;
    private final Thread loop;

    private volatile boolean isClosed;

    /**
     * @param waker woken by the cluster's connection, too
     */
    public Elector(
            ElectorSettings settings,
            ClusterConnection cluster,
            Waker waker,
            BaseRestore archive,
            Electors electors,
            ElectorListener listener) {
        this.waker = waker;
        this.activity = new ActivityThread("activity", waker::wake);
        this.settling = new ActivityThread("settling", waker::wake);
        this.clearing = new ActivityThread("clearing", waker::wake);
        PostgresSettings postgres = settings.postgres();
        this.server = new SqlServer(postgres, settings.localServer());
        MemberName self = settings.decisions().self();
        Configuration configuration = new Configuration(postgres, self, settings.writePasswords());
        Surroundings around =
                new Surroundings(
                        cluster,
                        cluster.nodes(self),
                        new ControlDirectory(postgres.controlDirectory()),
                        BootClock.bootIdOfThisHost(),
                        server,
                        new LocalFiles(postgres, configuration),
                        settings.memberDirectory(),
                        new Surroundings.Sources(server, archive),
                        electors,
                        new Surroundings.Activities(activity, settling, clearing),
                        Pace.ofThisHost(),
                        listener);
        this.cycle = new MemberCycle(around, settings.profile(), new Decider()::decide);
        this.loop = Thread.ofPlatform().name("elector").unstarted(this::run);
    }

    public Elector open() {
        cycle.authority().open();
        loop.start();
        return this;
    }

    /** Answers a primary's appeal, which must have been proven to be one; from memory. */
    public boolean vow(Appeal appeal) {
        return cycle.vows().grant(appeal, BootClock.ofThisHost().now());
    }

    /** Whether an appeal that came now would be granted, as far as this member's own part goes. */
    public boolean mayVouch() {
        return !cycle.vows().isStanding();
    }

    public Authority authority() {
        return cycle.authority();
    }

    /** Whether the loop goes round. */
    public boolean isRunning() {
        return loop.isAlive();
    }

    public MemberCycle.Outlook outlook() {
        return cycle.outlook();
    }

    private void run() {
        try {
            while (!isClosed) {
                waker.await(cycle.turn());
            }
        } catch (InterruptedException e) {
            return;
        }
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
        settling.close();
        clearing.close();
        cycle.authority().close();
        try {
            loop.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
    }
}
