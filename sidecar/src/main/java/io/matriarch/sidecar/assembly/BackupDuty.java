package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.backup.BackupException;
import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Base backups and pruning, by schedule and on request, done by whoever holds the authority:
 * exactly one member of a cluster.
 */
final class BackupDuty implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BackupDuty.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(30);

    private final SidecarConfiguration configuration;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final ServerAddress server;
    private final Pruning pruning;
    private final Thread thread;
    private volatile boolean isClosed;
    private Instant notBefore = Instant.EPOCH;
    private Instant knownBackupAt = Instant.EPOCH;
    private long knownUnder;
    private long servedUnder;

    BackupDuty(
            SidecarConfiguration configuration,
            ClusterConnection cluster,
            Archiving archiving,
            ServerAddress server) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.archiving = archiving;
        this.server = server;
        this.pruning = new Pruning(configuration, cluster, archiving);
        this.thread = Thread.ofPlatform().name("backup").daemon().unstarted(this::run);
    }

    void open() {
        thread.start();
    }

    private void run() {
        while (!isClosed) {
            try {
                cycle();
                Thread.sleep(LOOK_AGAIN.toMillis());
            } catch (InterruptedException e) {
                return;
            } catch (ClusterException | StoreException | RepositoryException e) {
                log.atWarn().addKeyValue("error", e.getMessage()).log("backups wait");
                notBefore = Instant.now().plus(AFTER_TROUBLE);
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("backup duty met an unexpected fault");
                notBefore = Instant.now().plus(AFTER_TROUBLE);
            }
        }
    }

    private void cycle() throws InterruptedException {
        Optional<WriterEpoch> epoch = archiving.permission();
        Optional<RepositoryLayout> layout = archiving.layout();
        if (epoch.isEmpty() || layout.isEmpty()) {
            return;
        }
        if (servedUnder != epoch.get().value()) {
            failInterrupted();
            servedUnder = epoch.get().value();
        }
        for (Request request : cluster.requests()) {
            if (request.progress() == Progress.PENDING && request.kind() != Kind.SWITCHOVER) {
                serve(request, layout.get(), epoch.get());
            }
        }
        if (Instant.now().isAfter(notBefore) && isDue(layout.get(), epoch.get())) {
            scheduled(layout.get(), epoch.get());
        }
        if (Instant.now().isAfter(notBefore)) {
            pruning.whenDue(layout.get(), epoch.get(), Set.of());
        }
    }

    /** What an earlier reign began and did not end, nobody will. */
    private void failInterrupted() {
        for (Request request : cluster.requests()) {
            if (request.progress() == Progress.RUNNING && request.kind() != Kind.SWITCHOVER) {
                cluster.answer(
                        request.now(
                                Progress.FAILED,
                                "interrupted by a change of primary; ask again",
                                ""));
            }
        }
    }

    /** A cluster without any backup cannot be recovered, so the first one is due at once. */
    private boolean isDue(RepositoryLayout layout, WriterEpoch epoch) {
        if (knownUnder != epoch.value()) {
            List<BaseBackup> backups = Backups.list(archiving.store(), layout);
            knownBackupAt = backups.isEmpty() ? Instant.EPOCH : backups.getLast().stopTime();
            knownUnder = epoch.value();
        }
        if (knownBackupAt.equals(Instant.EPOCH)) {
            return true;
        }
        return configuration
                .backup()
                .schedule()
                .lastDue(Instant.now())
                .map(due -> due.isAfter(knownBackupAt))
                .orElse(false);
    }

    private void scheduled(RepositoryLayout layout, WriterEpoch epoch) throws InterruptedException {
        try {
            take(layout, epoch, "scheduled");
            pruning.asConfigured(layout, epoch, Set.of());
        } catch (BackupException e) {
            log.atError()
                    .addKeyValue("error", e.getMessage())
                    .addKeyValue("hint", e.hint())
                    .log("scheduled base backup failed");
            notBefore = Instant.now().plus(AFTER_TROUBLE);
        }
    }

    private void serve(Request request, RepositoryLayout layout, WriterEpoch epoch)
            throws InterruptedException {
        cluster.answer(request.now(Progress.RUNNING, "running on the primary", ""));
        try {
            cluster.answer(
                    switch (request.kind()) {
                        case BACKUP -> backup(request, layout, epoch);
                        case PRUNE -> pruning.serve(request, layout, epoch, Set.of());
                        case SWITCHOVER ->
                                throw new IllegalStateException("a switchover is the elector's");
                    });
        } catch (BackupException
                | StoreException
                | RepositoryException
                | IllegalArgumentException e) {
            cluster.answer(request.now(Progress.FAILED, String.valueOf(e.getMessage()), ""));
        }
    }

    private Request backup(Request request, RepositoryLayout layout, WriterEpoch epoch)
            throws InterruptedException {
        BaseBackup taken = take(layout, epoch, "requested");
        String reason = request.arguments().get("pin");
        if (reason != null) {
            new Pins(archiving.store(), layout).pin(new Pin(taken.id(), reason, Instant.now()));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("id", taken.id().toString());
        result.put("bytes", taken.totals().bytes());
        result.put("storedBytes", taken.totals().storedBytes());
        result.put("durationMillis", taken.duration().toMillis());
        return request.now(
                Progress.DONE, "base backup " + taken.id() + " taken", ClusterJson.text(result));
    }

    private BaseBackup take(RepositoryLayout layout, WriterEpoch epoch, String label)
            throws InterruptedException {
        BackupSource source =
                new BackupSource(
                        server,
                        configuration.postgres().dataDirectory(),
                        configuration.decisions().self().value(),
                        epoch.value());
        BaseBackup taken =
                new BackupRun(
                                archiving.store(),
                                layout,
                                source,
                                BackupSettings.DEFAULT,
                                new WalSwitch(server))
                        .run(label, TransferProgress.SILENT);
        knownBackupAt = taken.stopTime();
        return taken;
    }

    @Override
    public void close() {
        isClosed = true;
        thread.interrupt();
    }
}
