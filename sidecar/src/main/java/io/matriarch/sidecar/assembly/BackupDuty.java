package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.elector.assignment.BackupDispatch;
import io.matriarch.elector.assignment.BackupOrder;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.RunningBackup;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import io.matriarch.sidecar.duty.RetryPause;
import io.matriarch.sidecar.duty.Rounds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about backups by whoever holds the authority, exactly one member of a cluster: it
 * asks for those that are due by schedule, hands each to a member, and prunes. What lies in the
 * repository is looked at by a thread of its own: a store that is away holds no request up.
 */
final class BackupDuty implements AutoCloseable {

    /** How the names of requests begin that nobody waits for. */
    static final String SCHEDULED = "scheduled-";

    private static final Logger log = LoggerFactory.getLogger(BackupDuty.class);

    private final SidecarConfiguration configuration;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final Pruning pruning;
    private final Rounds rounds = new Rounds("backup duty", this::look);
    private final Rounds catalogueRounds = new Rounds("backup catalogue", this::lookAtCatalogue);
    private final AtomicLong changes = new AtomicLong();
    private final RetryPause pause = new RetryPause();
    private Instant notBefore = Instant.EPOCH;
    private Instant noPruningBefore = Instant.EPOCH;
    private volatile Catalogue catalogue = new Catalogue(-1, Instant.EPOCH, false);
    private boolean hasSucceeded;
    private long servedUnder;
    private long knownRevisions;
    private Optional<Request> oldest = Optional.empty();
    private long oldestSince;

    /**
     * What lies in the repository.
     *
     * @param asOf how often it had changed when it was looked at
     * @param newest when the newest backup ended
     * @param hasGap whether no restore leads from any backup to the present
     */
    private record Catalogue(long asOf, Instant newest, boolean hasGap) {

        /** Without any backup nothing can be recovered at all. */
        boolean leadsToPresent() {
            return !newest.equals(Instant.EPOCH) && !hasGap;
        }
    }

    BackupDuty(SidecarConfiguration configuration, ClusterConnection cluster, Archiving archiving) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.archiving = archiving;
        this.pruning = new Pruning(configuration, cluster, archiving);
    }

    void open() {
        rounds.open();
        catalogueRounds.open();
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
            changes.incrementAndGet();
        }
        if (knownRevisions != archiving.revisions()) {
            knownRevisions = archiving.revisions();
            changes.incrementAndGet();
        }
        List<Request> requests = cluster.requests();
        for (Request request : requests) {
            if (request.kind() == Kind.PRUNE && request.progress() == Progress.PENDING) {
                servePrune(request, layout.get(), epoch.get());
            }
        }
        settle(requests, layout.get(), epoch.get());
        dispatch(requests);
        Catalogue known = catalogue;
        if (known.asOf() == changes.get()) {
            ask(requests, known);
        }
        if (Instant.now().isAfter(noPruningBefore)) {
            pruning.whenDue(layout.get(), epoch.get(), running());
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
    private void settle(List<Request> requests, RepositoryLayout layout, WriterEpoch epoch) {
        for (Request request : requests) {
            if (!request.id().startsWith(SCHEDULED) || !request.isOver()) {
                continue;
            }
            cluster.withdraw(request.id());
            changes.incrementAndGet();
            if (request.progress() == Progress.DONE) {
                hasSucceeded = true;
                pruning.asConfigured(layout, epoch, running());
            } else {
                Instant now = Instant.now();
                notBefore = now.plus(pause.afterFailure());
                noPruningBefore = now.plus(RetryPause.FIRST);
                log.atError()
                        .addKeyValue("error", request.message())
                        .addKeyValue("nextTryAt", notBefore)
                        .log("scheduled base backup failed");
            }
        }
    }

    private void dispatch(List<Request> requests) {
        Optional<Request> now = BackupOrder.first(requests).map(BackupOrder::request);
        if (!now.equals(oldest)) {
            if (now.isEmpty()) {
                changes.incrementAndGet();
            }
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

    /** Also while a backup is asked for, so that a gap is told, and its end. */
    private void lookAtCatalogue() {
        Optional<WriterEpoch> epoch = archiving.permission();
        Optional<RepositoryLayout> layout = archiving.layout();
        long asOf = changes.get();
        if (epoch.isEmpty() || layout.isEmpty() || catalogue.asOf() == asOf) {
            return;
        }
        List<BaseBackup> backups = Backups.list(archiving.store(), layout.get());
        catalogue =
                new Catalogue(
                        asOf,
                        backups.isEmpty() ? Instant.EPOCH : backups.getLast().stopTime(),
                        archiving.hasGap(backups, epoch.get()));
    }

    private void ask(List<Request> requests, Catalogue known) {
        if (hasSucceeded) {
            hasSucceeded = false;
            pauseAfterSuccess(known);
        }
        if (BackupOrder.first(requests).isEmpty()
                && Instant.now().isAfter(notBefore)
                && isDue(known)) {
            schedule();
        }
    }

    private void pauseAfterSuccess(Catalogue known) {
        notBefore = Instant.now().plus(pause.afterSuccess(known.leadsToPresent()));
        if (!known.leadsToPresent()) {
            log.atWarn()
                    .addKeyValue("nextTryAt", notBefore)
                    .log("scheduled base backup does not lead to the present");
        }
    }

    /**
     * A cluster without any backup cannot be recovered, so the first one is due at once; and so is
     * the next where no restore leads from any to the present.
     */
    private boolean isDue(Catalogue known) {
        return !known.leadsToPresent()
                || lastDue().map(due -> due.isAfter(known.newest())).orElse(false);
    }

    private Optional<Instant> lastDue() {
        return configuration.backup().schedule().lastDue(Instant.now());
    }

    /** The same moment gives the same name, so no two holders of the authority ask twice. */
    private void schedule() {
        String id = SCHEDULED + lastDue().orElse(Instant.EPOCH).getEpochSecond();
        cluster.ask(Request.of(id, Kind.BACKUP, null, Map.of()));
    }

    private void servePrune(Request request, RepositoryLayout layout, WriterEpoch epoch) {
        cluster.answer(request.now(Progress.RUNNING, "running on the primary", ""));
        Request outcome;
        try {
            outcome = pruning.serve(request, layout, epoch, running());
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("pruning failed");
            outcome = request.now(Progress.FAILED, String.valueOf(e.getMessage()), "");
        }
        cluster.answer(outcome);
    }

    /** The folders in which some member is at work now. */
    private Set<BackupId> running() {
        return cluster.runningBackups().stream()
                .map(RunningBackup::backup)
                .filter(id -> !id.isEmpty())
                .map(BackupId::parse)
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        rounds.close();
        catalogueRounds.close();
    }
}
