package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.retention.PruneReport;
import io.matriarch.archiver.retention.Pruner;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPlan;
import io.matriarch.archiver.retention.RetentionPlanner;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.elector.assignment.BackupDispatch;
import io.matriarch.elector.assignment.BackupOrder;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.postgres.TimelineId;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about backups by whoever holds the authority, exactly one member of a cluster: it
 * asks for those that are due by schedule, hands each to a member, and prunes.
 */
final class BackupDuty implements AutoCloseable {

    /** How the names of requests begin that nobody waits for. */
    static final String SCHEDULED = "scheduled-";

    private static final Logger log = LoggerFactory.getLogger(BackupDuty.class);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(30);

    private final SidecarConfiguration configuration;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final Rounds rounds = new Rounds("backup duty", this::look);
    private Instant notBefore = Instant.EPOCH;
    private Instant knownBackupAt = Instant.EPOCH;
    private boolean isCatalogueKnown;
    private long servedUnder;
    private Optional<Request> oldest = Optional.empty();
    private long oldestSince;

    BackupDuty(SidecarConfiguration configuration, ClusterConnection cluster, Archiving archiving) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.archiving = archiving;
    }

    void open() {
        rounds.open();
    }

    private void look() {
        Optional<WriterEpoch> epoch = archiving.permission();
        Optional<RepositoryLayout> layout = archiving.layout();
        if (epoch.isEmpty() || layout.isEmpty()) {
            return;
        }
        if (servedUnder != epoch.get().value()) {
            failInterrupted();
            servedUnder = epoch.get().value();
            isCatalogueKnown = false;
        }
        List<Request> requests = cluster.requests();
        for (Request request : requests) {
            if (request.kind() == Kind.PRUNE && request.progress() == Progress.PENDING) {
                servePrune(request, layout.get());
            }
        }
        settle(requests, layout.get());
        dispatch(requests);
        if (BackupOrder.first(requests).isEmpty()
                && Instant.now().isAfter(notBefore)
                && isDue(layout.get())) {
            schedule();
        }
    }

    /** A pruning that an earlier reign began and did not end, nobody will. */
    private void failInterrupted() {
        for (Request request : cluster.requests()) {
            if (request.kind() == Kind.PRUNE && request.progress() == Progress.RUNNING) {
                cluster.answer(
                        request.now(
                                Progress.FAILED,
                                "interrupted by a change of primary; ask again",
                                ""));
            }
        }
    }

    /** Nobody but us waits for a scheduled backup. */
    private void settle(List<Request> requests, RepositoryLayout layout) {
        for (Request request : requests) {
            if (!request.id().startsWith(SCHEDULED) || !request.isOver()) {
                continue;
            }
            cluster.withdraw(request.id());
            isCatalogueKnown = false;
            if (request.progress() == Progress.DONE) {
                prune(layout, configuration.backup().retention());
            } else {
                log.atError()
                        .addKeyValue("error", request.message())
                        .log("scheduled base backup failed");
                notBefore = Instant.now().plus(AFTER_TROUBLE);
            }
        }
    }

    private void dispatch(List<Request> requests) {
        Optional<Request> now = BackupOrder.first(requests).map(BackupOrder::request);
        if (!now.equals(oldest)) {
            isCatalogueKnown = isCatalogueKnown && now.isPresent();
            oldest = now;
            oldestSince = System.nanoTime();
        }
        BackupDispatch next =
                BackupDispatch.next(
                        requests,
                        cluster.view().orElse(ClusterView.EMPTY),
                        cluster.runningBackups(),
                        Duration.ofNanos(System.nanoTime() - oldestSince));
        switch (next) {
            case BackupDispatch.Wait _ -> {}
            case BackupDispatch.Write(var before, var after) -> {
                if (cluster.replace(before, after)) {
                    log.atInfo()
                            .addKeyValue("request", after.id())
                            .addKeyValue("member", after.member())
                            .addKeyValue("progress", after.progress())
                            .addKeyValue("reason", after.message())
                            .log("base backup dispatched");
                }
            }
        }
    }

    /** A cluster without any backup cannot be recovered, so the first one is due at once. */
    private boolean isDue(RepositoryLayout layout) {
        if (!isCatalogueKnown) {
            List<BaseBackup> backups = Backups.list(archiving.store(), layout);
            knownBackupAt = backups.isEmpty() ? Instant.EPOCH : backups.getLast().stopTime();
            isCatalogueKnown = true;
        }
        return knownBackupAt.equals(Instant.EPOCH)
                || lastDue().map(due -> due.isAfter(knownBackupAt)).orElse(false);
    }

    private Optional<Instant> lastDue() {
        return configuration.backup().schedule().lastDue(Instant.now());
    }

    /** The same moment gives the same name, so no two holders of the authority ask twice. */
    private void schedule() {
        String id = SCHEDULED + lastDue().orElse(Instant.EPOCH).getEpochSecond();
        cluster.ask(Request.of(id, Kind.BACKUP, null, Map.of()));
    }

    private void servePrune(Request request, RepositoryLayout layout) {
        cluster.answer(request.now(Progress.RUNNING, "running on the primary", ""));
        Request outcome;
        try {
            PruneReport report = prune(layout, policy(request));
            outcome =
                    request.now(
                            Progress.DONE,
                            "%d base backups and %d WAL segments deleted"
                                    .formatted(report.backups(), report.walSegments()),
                            ClusterJson.text(report));
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("pruning failed");
            outcome = request.now(Progress.FAILED, String.valueOf(e.getMessage()), "");
        }
        cluster.answer(outcome);
    }

    private PruneReport prune(RepositoryLayout layout, RetentionPolicy policy) {
        RetentionPlan plan =
                RetentionPlanner.plan(
                        RetentionFacts.of(archiving.store(), layout, committedTimeline()),
                        policy,
                        Instant.now());
        PruneReport report = new Pruner(archiving.store(), layout).prune(plan);
        log.atInfo()
                .addKeyValue("backups", report.backups())
                .addKeyValue("walSegments", report.walSegments())
                .addKeyValue("kept", plan.kept().size())
                .log("archive pruned");
        return report;
    }

    /** The configured policy, unless the operator asked for another this once. */
    private RetentionPolicy policy(Request request) {
        RetentionPolicy configured = configuration.backup().retention();
        String count = request.arguments().get("keep-count");
        String window = request.arguments().get("keep-window");
        return new RetentionPolicy(
                count == null ? configured.count() : Integer.parseInt(count),
                window == null ? configured.window() : Optional.of(Duration.parse(window)),
                configured.pinned());
    }

    private Optional<TimelineId> committedTimeline() {
        return cluster.view().flatMap(ClusterView::committedTimeline);
    }

    @Override
    public void close() {
        rounds.close();
    }
}
