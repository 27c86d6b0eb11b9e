package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.backup.BackupException;
import io.matriarch.archiver.backup.BackupPhase;
import io.matriarch.archiver.backup.BackupWatch;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.cli.terminal.TransferRate;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.RunningBackup;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster how far a backup has come, and ends it when it is no longer ours to take: by an
 * interrupt while it is under way, and by a refusal at its end.
 */
final class BackupReporter implements BackupWatch, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BackupReporter.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration ANSWER_PATIENCE = Duration.ofMinutes(5);

    private final ClusterConnection cluster;
    private final MemberName self;
    private final Request request;
    private final Optional<TimelineId> timeline;
    private final Instant since = Instant.now();
    private final TransferRate rate = new TransferRate();
    private final Thread worker = Thread.currentThread();
    private final Thread thread;
    private volatile String backup = "";
    private volatile String phase = BackupPhase.BEGINNING.text();
    private volatile long done;
    private volatile long total;
    private volatile boolean isClosed;
    private volatile @Nullable String reasonToEnd;

    /** To be made by the thread that takes the backup. */
    BackupReporter(ClusterConnection cluster, MemberName self, Request request) {
        this.cluster = cluster;
        this.self = self;
        this.request = request;
        this.timeline = committedTimeline();
        this.thread = Thread.ofVirtual().name("backup-report").unstarted(this::run);
    }

    BackupReporter open() {
        thread.start();
        return this;
    }

    private Optional<TimelineId> committedTimeline() {
        return cluster.view().flatMap(ClusterView::committedTimeline);
    }

    /** Why the backup was interrupted; empty if it was not, or by somebody else. */
    Optional<String> reasonToEnd() {
        return Optional.ofNullable(reasonToEnd);
    }

    @Override
    public void onPhase(BackupId id, BackupPhase next) {
        backup = id.toString();
        phase = next.text();
    }

    @Override
    public void onBytes(long bytesDone, long bytesTotal) {
        done = bytesDone;
        total = bytesTotal;
    }

    private void run() {
        try {
            while (!isClosed) {
                report();
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report() {
        rate.add(System.nanoTime(), done);
        publish();
        cluster.requests().stream()
                .filter(now -> now.id().equals(request.id()) && !isOurs(now))
                .findFirst()
                .ifPresent(taken -> end("another member has been given this backup"));
        if (!committedTimeline().equals(timeline) && committedTimeline().isPresent()) {
            end("there was a change of primary meanwhile");
        }
    }

    /** Never after the end: what nobody takes must not look as if somebody did. */
    private synchronized void publish() {
        if (isClosed) {
            return;
        }
        try {
            cluster.publish(
                    new RunningBackup(
                            self,
                            request.id(),
                            backup,
                            phase,
                            done,
                            total,
                            rate.perSecond(),
                            since));
        } catch (ClusterException e) {
            log.atDebug().addKeyValue("error", e.getMessage()).log("progress is not told");
        }
    }

    private boolean isOurs(Request now) {
        return self.equals(now.member()) && !now.isOver();
    }

    private void end(String why) {
        if (reasonToEnd == null && !isClosed) {
            reasonToEnd = why;
            worker.interrupt();
        }
    }

    /** A request that was withdrawn is nobody else's; then the backup is still worth having. */
    @Override
    public void checkMayComplete() {
        long deadline = System.nanoTime() + ANSWER_PATIENCE.toNanos();
        while (true) {
            try {
                if (cluster.readRequest(request.id()).filter(now -> !isOurs(now)).isPresent()) {
                    throw new BackupException(
                            "another member has been given this backup",
                            "see with 'matriarch status' who takes it");
                }
                return;
            } catch (ClusterException e) {
                if (Thread.currentThread().isInterrupted() || System.nanoTime() - deadline > 0) {
                    throw new BackupException(
                            "whether this backup is still ours to complete cannot be asked: "
                                    + e.getMessage(),
                            "check ZooKeeper, then take the backup again",
                            e);
                }
                LockSupport.parkNanos(PERIOD.toNanos());
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
        }
        try {
            cluster.unpublishBackup(self);
        } catch (ClusterException e) {
            log.atDebug().addKeyValue("error", e.getMessage()).log("progress is not told");
        }
    }
}
