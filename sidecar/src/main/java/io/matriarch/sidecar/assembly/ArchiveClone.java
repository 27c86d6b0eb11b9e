package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.archiver.restore.RestoreOptions;
import io.matriarch.archiver.restore.RestoreReport;
import io.matriarch.archiver.restore.RestoreRun;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.elector.enactment.BaseRestore;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a standby's data directory from the newest base backup of the cluster's lineage: a new
 * one, or one that is there already. A young cluster's first backup is waited for if there is
 * nothing else; when the archive cannot help, the standby is copied from the primary instead.
 */
record ArchiveClone(
        ObjectStore store,
        Function<SystemIdentifier, RepositoryLayout> layouts,
        Supplier<String> owner,
        Supplier<Optional<TimelineId>> committed)
        implements BaseRestore {

    private static final Logger log = LoggerFactory.getLogger(ArchiveClone.class);
    private static final Duration FIRST_BACKUP = Duration.ofSeconds(60);

    /** The sidecar's memory is narrow: each takes about a megabyte of it. */
    private static final int PARALLEL = 4;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    @Override
    public boolean restoreNewest(SystemIdentifier cluster, Path dataDirectory)
            throws InterruptedException {
        RepositoryLayout layout = layouts.apply(cluster);
        try {
            if (!awaitBackup(layout)) {
                return false;
            }
            checkOwner(layout);
            return plan(layout, planned -> build(layout, planned, dataDirectory))
                    .map(ArchiveClone::refuse)
                    .orElse(true);
        } catch (RuntimeException e) {
            // Whatever it is, the primary can be copied.
            log.atWarn()
                    .addKeyValue("error", String.valueOf(e.getMessage()))
                    .setCause(unexpected(e))
                    .log("the archive cannot build a standby now");
            return false;
        }
    }

    private static boolean refuse(String reason) {
        log.atWarn().addKeyValue("reason", reason).log("the archive cannot build a standby now");
        return false;
    }

    @Override
    public Optional<String> restoreOver(SystemIdentifier cluster, Path dataDirectory)
            throws InterruptedException {
        RepositoryLayout layout = layouts.apply(cluster);
        try {
            checkOwner(layout);
            return plan(layout, planned -> goOver(layout, planned, dataDirectory));
        } catch (RuntimeException e) {
            // Whatever it is, the directory can be built anew.
            Throwable unexpected = unexpected(e);
            if (unexpected != null) {
                log.atWarn().setCause(unexpected).log("a delta restore ended unexpectedly");
            }
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** What has no words of its own. */
    private static @Nullable Throwable unexpected(RuntimeException e) {
        boolean isExpected =
                e instanceof StoreException
                        || e instanceof RepositoryException
                        || e instanceof RestoreException;
        return isExpected ? null : e;
    }

    private boolean awaitBackup(RepositoryLayout layout) throws InterruptedException {
        long deadline = System.nanoTime() + FIRST_BACKUP.toNanos();
        while (Backups.list(store, layout).isEmpty()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(LOOK_AGAIN.toMillis());
        }
        return true;
    }

    /** Only now: a young cluster's claim comes just before its first backup. */
    private void checkOwner(RepositoryLayout layout) {
        Claims.checkOwner(store, layout, owner.get())
                .ifPresent(note ->
                        log.atWarn()
                                .addKeyValue("reason", note)
                                .log("a standby is built from an archive without a sound claim"));
    }

    /** What is done with a plan. */
    @FunctionalInterface
    private interface Carrier {
        void carryOut(RestorePlan plan) throws InterruptedException;
    }

    /** Why there is no plan; empty if there was one, and it was carried out. */
    private Optional<String> plan(RepositoryLayout layout, Carrier carrier)
            throws InterruptedException {
        RestorePlanner planner =
                new RestorePlanner(ArchiveSurvey.forRestore(store, layout, committed.get()));
        switch (planner.plan(RestoreRequest.of(new RestoreTarget.Latest()))) {
            case Planning.Refused refused -> {
                return Optional.of(refused.reason());
            }
            case Planning.Planned planned -> {
                carrier.carryOut(planned.plan());
                return Optional.empty();
            }
        }
    }

    private void build(RepositoryLayout layout, RestorePlan plan, Path dataDirectory)
            throws InterruptedException {
        new RestoreRun(store, layout, plan, into(dataDirectory)).run(TransferProgress.SILENT);
    }

    private void goOver(RepositoryLayout layout, RestorePlan plan, Path dataDirectory)
            throws InterruptedException {
        RestoreReport report =
                new RestoreRun(store, layout, plan, into(dataDirectory).asDelta())
                        .run(TransferProgress.SILENT);
        log.atInfo()
                .addKeyValue("backup", plan.backup().id())
                .addKeyValue("files", report.files())
                .addKeyValue("bytes", report.bytes())
                .addKeyValue("keptFiles", report.transfer().keptFiles())
                .addKeyValue("keptBytes", report.transfer().keptBytes())
                .addKeyValue("removedFiles", report.transfer().removedFiles())
                .addKeyValue("fetchedBytes", report.transfer().fetchedBytes())
                .log("data directory brought back to a base backup");
    }

    private static RestoreOptions into(Path dataDirectory) {
        return RestoreOptions.into(dataDirectory, RestoreMode.AsStandby.of(Map.of()))
                .withParallel(PARALLEL);
    }
}
