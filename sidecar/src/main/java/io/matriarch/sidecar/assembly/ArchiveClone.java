package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.restore.RestoreException;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.archiver.restore.RestoreOptions;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds a standby from the newest base backup. A young cluster's first backup is waited for; when
 * the archive cannot help, the standby is copied from the primary instead.
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
            return restore(layout, dataDirectory);
        } catch (RuntimeException e) {
            // Whatever it is, the primary can be copied.
            log.atWarn()
                    .addKeyValue("error", String.valueOf(e.getMessage()))
                    .setCause(
                            e instanceof StoreException
                                            || e instanceof RepositoryException
                                            || e instanceof RestoreException
                                    ? null
                                    : e)
                    .log("the archive cannot build a standby now");
            return false;
        }
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

    private boolean restore(RepositoryLayout layout, Path dataDirectory)
            throws InterruptedException {
        RestorePlanner planner =
                new RestorePlanner(ArchiveSurvey.forRestore(store, layout, committed.get()));
        return switch (planner.plan(RestoreRequest.of(new RestoreTarget.Latest()))) {
            case Planning.Refused refused -> {
                log.atWarn()
                        .addKeyValue("reason", refused.reason())
                        .log("the archive cannot build a standby now");
                yield false;
            }
            case Planning.Planned planned -> {
                RestoreOptions options =
                        RestoreOptions.into(dataDirectory, RestoreMode.AsStandby.of(Map.of()))
                                .withParallel(PARALLEL);
                new RestoreRun(store, layout, planned.plan(), options).run(TransferProgress.SILENT);
                yield true;
            }
        };
    }
}
