package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.claim.CautiousStore;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.claim.UnfinishedWrites;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchSettings;
import io.matriarch.archiver.fetch.WalFetcher;
import io.matriarch.archiver.planning.ArchiveGap;
import io.matriarch.archiver.push.ArchiveStatus;
import io.matriarch.archiver.push.BackfillReport;
import io.matriarch.archiver.push.PushSettings;
import io.matriarch.archiver.push.WalArchiver;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.enactment.Authority;
import io.matriarch.elector.enactment.ElectorListener;
import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The archiver's part in a sidecar: pushes and fetches WAL as soon as it is known which cluster
 * this is. Pushing needs the elector's authority, and the repository's claim.
 */
final class Archiving implements ElectorListener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Archiving.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration CLAIM_LOOK = Duration.ofSeconds(15);

    private final SidecarConfiguration configuration;
    private final CautiousStore store;
    private final ClusterConnection cluster;
    private final Supplier<Authority> authority;
    private final Thread thread;
    private final ArchiveWatch watch;
    private final Semaphore bell = new Semaphore(0);

    private volatile @Nullable Running running;
    private volatile boolean isClaimed;
    private final AtomicLong revisions = new AtomicLong();
    private final GapWatch gaps = new GapWatch();
    private final WritingPermission permissions = new WritingPermission(System::nanoTime);
    private Optional<WriterEpoch> permitted = Optional.empty();
    private long claimSeen;
    private volatile @Nullable String owner;
    private volatile @Nullable Promotion promotion;
    private volatile boolean isReplaced;
    private volatile boolean isClosed;

    /** Why the repository is of no use now, though the archiver itself may not know that. */
    private volatile Optional<ArchiveStatus.Problem> trouble = Optional.empty();

    private String lastTrouble = "";

    /** What runs once the cluster is known. */
    private record Running(
            RepositoryLayout layout,
            WalSegmentSize segmentSize,
            PushSettings push,
            WalArchiver archiver,
            WalFetcher fetcher) {}

    /** A reign whose ancestors may still have to be archived. */
    private record Promotion(ClusterState state, TimelineHistory history) {}

    Archiving(
            SidecarConfiguration configuration,
            CautiousStore store,
            ClusterConnection cluster,
            Supplier<Authority> authority) {
        this.configuration = configuration;
        this.store = store;
        this.cluster = cluster;
        this.authority = authority;
        this.watch =
                new ArchiveWatch(
                        configuration.alarm(),
                        this::status,
                        () -> WalVolume.of(configuration.postgres().dataDirectory()),
                        this::gap);
        this.thread = Thread.ofPlatform().name("archiving").daemon().unstarted(this::run);
    }

    Archiving open() {
        thread.start();
        watch.open();
        return this;
    }

    /** Somebody rang: PostgreSQL may have WAL to archive, or want some. */
    void wake() {
        Running now = running;
        if (now != null) {
            now.archiver().wake();
            now.fetcher().wake();
        }
    }

    ObjectStore store() {
        return store;
    }

    /** Where this cluster's objects lie; empty until the cluster is known. */
    Optional<RepositoryLayout> layout() {
        Running now = running;
        return now == null ? Optional.empty() : Optional.of(now.layout());
    }

    static RepositoryLayout layout(SidecarConfiguration configuration, SystemIdentifier system) {
        return new RepositoryLayout(new ClusterName(configuration.zookeeper().cluster()), system);
    }

    private Optional<ArchiveStatus> status() {
        Running now = running;
        return now == null
                ? Optional.empty()
                : Optional.of(now.archiver().status().orProblem(trouble));
    }

    @Override
    public Optional<ArchivingReport> archiving() {
        return watch.report();
    }

    /** The epoch under which this member may write to the repository. */
    Optional<WriterEpoch> permission() {
        return permissions.of(
                isClaimed, cluster.view().map(ClusterView::state), authority.get().validEpoch());
    }

    /** A new primary looks after what its predecessor could not archive any more. */
    @Override
    public void onReady(ClusterState state, TimelineHistory history) {
        promotion = new Promotion(state, history);
        bell.release();
    }

    /** Both start anew with empty spools: no word about the old directory may reach the new one. */
    @Override
    public void onDataReplaced() {
        isReplaced = true;
        Running now = running;
        if (now != null) {
            // At once, for the server may ask before the rest begins anew.
            now.fetcher().forget();
        }
        bell.release();
    }

    private void run() {
        while (!isClosed) {
            try {
                cycle();
                trouble = Optional.empty();
                if (bell.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    bell.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            } catch (StoreException e) {
                noteTrouble(e, e.hint());
                pause();
            } catch (RepositoryException e) {
                noteTrouble(e, e.hint());
                pause();
            } catch (ClusterException e) {
                noteTrouble(e, e.hint());
                pause();
            } catch (RuntimeException e) {
                noteFault(e);
                pause();
            }
        }
    }

    private void noteTrouble(RuntimeException e, String hint) {
        String message = String.valueOf(e.getMessage());
        Instant since = trouble.map(ArchiveStatus.Problem::since).orElseGet(Instant::now);
        trouble = Optional.of(new ArchiveStatus.Problem(Optional.empty(), message, hint, since));
        if (!message.equals(lastTrouble)) {
            lastTrouble = message;
            log.atWarn()
                    .addKeyValue("error", message)
                    .addKeyValue("hint", hint)
                    .log("the repository cannot be used now");
        }
    }

    /** Once for each kind: what does not pass would fill the log. */
    private void noteFault(RuntimeException fault) {
        if (!fault.toString().equals(lastTrouble)) {
            lastTrouble = fault.toString();
            log.atError().setCause(fault).log("archiving met an unexpected fault");
        }
    }

    private static void pause() {
        try {
            Thread.sleep(2 * LOOK_AGAIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void cycle() throws InterruptedException {
        if (isReplaced) {
            isReplaced = false;
            end();
        }
        Running now = running;
        if (now == null) {
            begin();
            return;
        }
        if (authority.get().validEpoch().isPresent()) {
            lookAfterClaim(now);
        }
        Promotion due = promotion;
        Optional<WriterEpoch> epoch = permission();
        if (!epoch.equals(permitted)) {
            permitted = epoch;
            wake();
        }
        if (due != null && epoch.isPresent() && isOf(due, epoch.get())) {
            backfill(now, due, epoch.get());
        }
    }

    private static boolean isOf(Promotion due, WriterEpoch epoch) {
        return due.state().epoch().value() == epoch.value();
    }

    private void begin() {
        Optional<ClusterView> view = cluster.view();
        ClusterState state = view.map(ClusterView::state).orElse(null);
        Optional<ControlFile> control =
                new DataDirectory(configuration.postgres().dataDirectory()).controlFile();
        boolean isKnown =
                state != null
                        && state.systemIdentifier() != null
                        && control.isPresent()
                        && control.get().systemIdentifier().equals(state.systemIdentifier());
        if (!isKnown) {
            return;
        }
        running = start(control.get());
    }

    private Running start(ControlFile control) {
        RepositoryLayout layout = layout(configuration, control.systemIdentifier());
        PushSettings push =
                PushSettings.of(
                        layout,
                        control.walSegmentSize(),
                        configuration.decisions().self().value(),
                        configuration.postgres().dataDirectory(),
                        configuration.postgres().spoolDirectory());
        WalArchiver archiver = new WalArchiver(push, store, this::permission);
        WalFetcher fetcher =
                new WalFetcher(
                        FetchSettings.of(configuration.postgres().spoolDirectory()),
                        new ArchivedWal(store, layout, control.walSegmentSize()),
                        this::owner,
                        this::committedTimeline);
        startBoth(archiver, fetcher);
        log.atInfo()
                .addKeyValue("repository", configuration.repository())
                .addKeyValue("systemIdentifier", control.systemIdentifier())
                .log("archiving");
        return new Running(layout, control.walSegmentSize(), push, archiver, fetcher);
    }

    /** Both or none: what is tried again must not find one of its own at work. */
    private static void startBoth(WalArchiver archiver, WalFetcher fetcher) {
        boolean isStarted = false;
        try {
            archiver.start();
            fetcher.start();
            isStarted = true;
        } finally {
            if (!isStarted) {
                archiver.close();
                fetcher.close();
            }
        }
    }

    /** It never changes, so that a standby that has heard it once fetches without ZooKeeper. */
    private String owner() {
        String known = owner;
        if (known == null) {
            try {
                known = cluster.archiveOwner();
            } catch (ClusterException e) {
                throw new RepositoryException(
                        "whose archive this is cannot be told: " + e.getMessage(), e.hint(), e);
            }
            owner = known;
        }
        return known;
    }

    /** A standby must never be led onto a timeline that the cluster has not agreed on. */
    private TimelineId committedTimeline() {
        return cluster.view().flatMap(ClusterView::committedTimeline).orElse(TimelineId.FIRST);
    }

    /** Somebody may empty a repository, or another may take it then. */
    private void lookAfterClaim(Running now) {
        if (isClaimed
                && Duration.ofNanos(System.nanoTime() - claimSeen).compareTo(CLAIM_LOOK) < 0) {
            return;
        }
        if (isClaimed && !holdsClaim(now)) {
            log.atError()
                    .addKeyValue("object", now.layout().claim())
                    .log("the repository has lost its claim: somebody has emptied it");
            isClaimed = false;
        }
        if (!isClaimed) {
            claim(now);
            revisions.incrementAndGet();
        }
        claimSeen = System.nanoTime();
    }

    private boolean holdsClaim(Running now) {
        return Claims.read(store, now.layout())
                .filter(claim -> claim.owner().equals(owner()))
                .isPresent();
    }

    /**
     * Counts what makes it worth to look anew at what lies in the repository: that it was claimed,
     * and that a promotion's leftovers have come in.
     */
    long revisions() {
        return revisions.get();
    }

    /** Looks whether some backup is there that leads to the present; else one more is needed. */
    boolean hasGap(List<BaseBackup> backups, WriterEpoch epoch) {
        Running now = running;
        List<BackupWal> stretches = backups.stream().map(BaseBackup::wal).toList();
        return now != null
                && gaps.look(
                        epoch,
                        lineage ->
                                ArchiveGap.find(
                                        store,
                                        now.layout(),
                                        now.segmentSize(),
                                        lineage,
                                        stretches));
    }

    /** What was found of it in the present reign; empty while another reigns. */
    private Optional<ArchiveGap> gap() {
        return authority
                .get()
                .validEpoch()
                .flatMap(epoch -> gaps.gap(new WriterEpoch(epoch.value())));
    }

    private void claim(Running now) {
        Claim claim =
                Claim.of(now.layout(), cluster.archiveOwner(), now.segmentSize(), Instant.now());
        store.learn(Claims.take(store.store(), now.layout(), claim));
        isClaimed = true;
        now.archiver().wake();
        lastTrouble = "";
        UnfinishedWrites.discard(store, now.layout(), Instant.now());
    }

    private void backfill(Running now, Promotion due, WriterEpoch epoch)
            throws InterruptedException {
        BackfillReport report = now.archiver().backfill(due.history(), epoch);
        if (report.isInterrupted()) {
            return;
        }
        if (report.isContinuous()) {
            log.atInfo()
                    .addKeyValue("epoch", epoch)
                    .addKeyValue("timeline", due.history().timeline())
                    .addKeyValue("pushed", report.pushed().size())
                    .log("archive is continuous");
        } else {
            log.atError()
                    .addKeyValue("epoch", epoch)
                    .addKeyValue("missing", report.missing())
                    .addKeyValue("refused", report.refused())
                    .log("archive has a gap");
        }
        gaps.settle(epoch, due.history());
        revisions.incrementAndGet();
        if (due.equals(promotion)) {
            promotion = null;
        }
    }

    private synchronized void end() {
        Running now = running;
        running = null;
        isClaimed = false;
        if (now != null) {
            now.archiver().close();
            now.fetcher().close();
        }
    }

    @Override
    public void close() {
        isClosed = true;
        watch.close();
        thread.interrupt();
        end();
        store.close();
    }
}
