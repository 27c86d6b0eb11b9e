package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.retention.Mandate;
import io.matriarch.archiver.retention.PruneReport;
import io.matriarch.archiver.retention.Pruner;
import io.matriarch.archiver.retention.RetentionArguments;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.postgres.TimelineId;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deleting what the retention does not keep, for as long as this member is the primary. */
final class Pruning {

    private static final Logger log = LoggerFactory.getLogger(Pruning.class);

    private final SidecarConfiguration configuration;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private Instant last = Instant.now();
    private long under;

    Pruning(SidecarConfiguration configuration, ClusterConnection cluster, Archiving archiving) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.archiving = archiving;
    }

    /**
     * Prunes if the schedule says so. A new primary has other things to do than what is overdue.
     */
    void whenDue(RepositoryLayout layout, WriterEpoch epoch, Set<BackupId> running) {
        if (under != epoch.value()) {
            under = epoch.value();
            last = Instant.now();
        }
        boolean isDue =
                configuration
                        .backup()
                        .pruning()
                        .lastDue(Instant.now())
                        .map(due -> due.isAfter(last))
                        .orElse(false);
        if (isDue) {
            asConfigured(layout, epoch, running);
        }
    }

    void asConfigured(RepositoryLayout layout, WriterEpoch epoch, Set<BackupId> running) {
        run(layout, epoch, configuration.backup().retention(), running);
    }

    /** Serves an operator's request: by the configured policy, unless it asks for another. */
    Request serve(
            Request request, RepositoryLayout layout, WriterEpoch epoch, Set<BackupId> running) {
        RetentionPolicy policy =
                RetentionArguments.apply(configuration.backup().retention(), request.arguments());
        PruneReport report = run(layout, epoch, policy, running);
        String text =
                "%d base backups and %d WAL segments deleted"
                        .formatted(report.backups(), report.walSegments());
        return report.refused().isEmpty()
                ? request.now(Progress.DONE, text, ClusterJson.text(report))
                : request.now(
                        Progress.FAILED,
                        "%s; the rest was refused: %s".formatted(text, report.refused().getFirst()),
                        ClusterJson.text(report));
    }

    private PruneReport run(
            RepositoryLayout layout,
            WriterEpoch epoch,
            RetentionPolicy policy,
            Set<BackupId> running) {
        last = Instant.now();
        TimelineId timeline =
                cluster.view()
                        .flatMap(ClusterView::committedTimeline)
                        .orElseThrow(() ->
                                new RepositoryException(
                                        "timeline of the cluster: unknown (expected: the agreed"
                                                + " one)",
                                        "nothing is deleted on a guess; see 'matriarch status'"));
        Mandate mandate =
                Mandate.of(
                        archiving.store(),
                        layout,
                        epoch,
                        () -> archiving.permission().equals(Optional.of(epoch)));
        RetentionFacts facts =
                RetentionFacts.of(archiving.store(), layout, Optional.of(timeline), running);
        PruneReport report =
                new Pruner(archiving.store(), layout, mandate).prune(facts, policy, last);
        log.atInfo()
                .addKeyValue("backups", report.backups())
                .addKeyValue("garbage", report.garbage())
                .addKeyValue("walSegments", report.walSegments())
                .addKeyValue("refused", report.refused().size())
                .log("archive pruned");
        return report;
    }
}
