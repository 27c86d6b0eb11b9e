package io.matriarch.elector.enactment;

import io.matriarch.elector.control.Job;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a data directory follow the primary again: by a rewind; if that cannot be, or did not help,
 * by a delta restore from the archive; if not even that, by building it anew.
 *
 * <p>What is true after a kill: before the first change the directory is marked with the repair
 * that is next, and only the last line takes the mark away; a marked directory never starts. A
 * delta restore that did not end goes on; a rewind that did not is healed by a delta restore.
 * Before the mark, the WAL that the cluster does not have is kept aside, in one step. A replaced
 * directory is kept aside until its replacement streams; until then it is also noted which repair
 * was the last, so that the next is another.
 */
final class Rejoin {

    private static final Logger log = LoggerFactory.getLogger(Rejoin.class);
    private static final Duration BETWEEN_KNOCKS = Duration.ofSeconds(5);
    private static final Duration REWIND_PATIENCE = Duration.ofMinutes(30);
    private static final Duration CLONE_PATIENCE = Duration.ofHours(12);

    private final OwnFiles files;
    private final Marks marks;
    private final Supervisor supervisor;
    private final RewindSource source;
    private final BaseRestore archive;

    private @Nullable BootTime refusedAt;

    Rejoin(
            OwnFiles files,
            Marks marks,
            Supervisor supervisor,
            RewindSource source,
            BaseRestore archive) {
        this.files = files;
        this.marks = marks;
        this.supervisor = supervisor;
        this.source = source;
        this.archive = archive;
    }

    /**
     * A standby that stands still for want of a connection has all that it had, and can stand in an
     * election. No repair gives it a connection, and each of them takes that away.
     */
    boolean mayHelp(Endpoint primary, BootTime now) {
        BootTime last = refusedAt;
        if (last != null && now.since(last).compareTo(BETWEEN_KNOCKS) < 0) {
            return false;
        }
        boolean isLetIn = source.letsReplicate(primary);
        refusedAt = isLetIn ? null : now;
        return isLetIn;
    }

    void rewind(Endpoint primary, ClusterState state)
            throws InterruptedException, TimeoutException {
        TimelineHistory theirs = source.bringToDisk(primary, state.lineage().timeline());
        TimelineId told = marks.toldTimeline().orElse(theirs.timeline());
        keepWal(files.divergence(theirs, told).orElse(null), state.epoch());
        Optional<String> obstacle =
                hasTimelineOfItsOwn(told, theirs.timeline())
                        ? Optional.of("two histories of one timeline after " + told)
                        : files.obstacleToRewind();
        if (obstacle.isPresent()) {
            marks.noteRepair(Repair.REWIND.next());
            log.atWarn()
                    .addKeyValue("reason", obstacle.get())
                    .log("no rewind is possible, what differs will be restored");
            return;
        }
        files.configure(OwnFiles.Role.following(primary, SynchronousSet.NONE));
        marks.noteRepair(Repair.REWIND.next());
        Job job = new Job("pg-rewind-" + state.epoch(), files.rewind(primary));
        Job.Outcome outcome = supervisor.run(job, REWIND_PATIENCE);
        if (!outcome.isSuccess()) {
            log.atWarn()
                    .addKeyValue("exitStatus", outcome.exitStatus())
                    .addKeyValue("output", outcome.output())
                    .log("rewind failed, what differs will be restored");
            return;
        }
        marks.partKeptWal(files.path());
        complete(new Marks.Finished(Repair.REWIND, state.epoch(), null), primary);
        log.atInfo().addKeyValue("primary", primary).log("rewound");
    }

    /** Goes over pages in place, as a rewind does; WAL that nobody else has was kept before. */
    void restore(Endpoint primary, ClusterState state) throws InterruptedException {
        SystemIdentifier cluster = state.systemIdentifier();
        if (cluster == null) {
            return;
        }
        if (files.controlFile().isPresent()) {
            keepWalAgain(primary, state);
        }
        Lsn forgotten = source.endOfLog(primary);
        marks.noteRepair(Repair.DELTA);
        Optional<String> obstacle = archive.restoreOver(cluster, files.path());
        if (obstacle.isPresent()) {
            marks.noteRepair(Repair.DELTA.next());
            log.atWarn()
                    .addKeyValue("reason", obstacle.get())
                    .log("no delta restore is possible, the data directory will be built anew");
            return;
        }
        complete(new Marks.Finished(Repair.DELTA, state.epoch(), forgotten), primary);
        log.atInfo().addKeyValue("primary", primary).log("what differed is restored");
    }

    /**
     * The primary may be another one than that which the log was compared with before. But once a
     * rewind has brought the history of their timeline, some of the log is theirs; what it was
     * itself was kept before.
     */
    private void keepWalAgain(Endpoint primary, ClusterState state) {
        TimelineHistory theirs = source.bringToDisk(primary, state.lineage().timeline());
        if (files.history(theirs.timeline()).isPresent()) {
            return;
        }
        TimelineId told = marks.toldTimeline().orElse(theirs.timeline());
        keepWal(legibleDivergence(theirs, told), state.epoch());
    }

    /** What a rewind has left half done may not be legible; it was kept before the rewind. */
    private @Nullable DivergentWal legibleDivergence(TimelineHistory theirs, TimelineId told) {
        try {
            return files.divergence(theirs, told).orElse(null);
        } catch (RuntimeException illegible) {
            log.atWarn()
                    .addKeyValue("error", String.valueOf(illegible.getMessage()))
                    .log("a log that is half rewound cannot be read");
            return null;
        }
    }

    /** Whether it has helped is seen only when the standby streams. */
    private void complete(Marks.Finished repair, Endpoint primary) {
        files.configure(OwnFiles.Role.following(primary, SynchronousSet.NONE));
        marks.noteFinished(repair);
        marks.noteStandby();
    }

    /** A rewind removes it, and so does a replacement that streams; nobody else may have it. */
    private void keepWal(@Nullable DivergentWal wal, Epoch epoch) {
        if (wal == null) {
            return;
        }
        Optional<Path> place = marks.keepWal(epoch, files.path(), wal);
        if (wal.bytes() == 0) {
            log.atInfo().addKeyValue("fork", wal.fork().at()).log("no WAL beyond the fork");
            return;
        }
        log.atWarn()
                .addKeyValue("bytes", wal.bytes())
                .addKeyValue("timeline", wal.history().timeline())
                .addKeyValue("fork", wal.fork().at())
                .addKeyValue("end", wal.end())
                .addKeyValue("keptIn", place.map(Path::toString).orElse("nothing was left"))
                .log("WAL beyond the fork is kept aside");
    }

    /**
     * A primary that fell before it was ready may have begun a timeline of the same number as one
     * of its successors'. A rewind, which compares numbers, would take the two for one.
     */
    private boolean hasTimelineOfItsOwn(TimelineId told, TimelineId newest) {
        for (TimelineId each = told.next(); each.compareTo(newest) <= 0; each = each.next()) {
            if (files.history(each).isPresent()) {
                return true;
            }
        }
        return false;
    }

    void build(Endpoint primary, ClusterState state) throws InterruptedException, TimeoutException {
        SystemIdentifier cluster = state.systemIdentifier();
        if (cluster == null) {
            return;
        }
        if (!files.isEmpty()) {
            // What is there may be all that is left, if nobody answers.
            source.bringToDisk(primary, state.lineage().timeline());
        }
        Lsn forgotten = source.endOfLog(primary);
        marks.noteRepair(Repair.REPLACE);
        if (!files.isEmpty()) {
            marks.setAside(files.path());
        }
        if (!hasArchiveNotHelped(state) && archive.restoreNewest(cluster, files.path())) {
            complete(new Marks.Finished(Repair.DELTA, state.epoch(), forgotten), primary);
        } else {
            copyFrom(primary, state);
            complete(new Marks.Finished(Repair.REPLACE, state.epoch(), null), primary);
        }
        log.atInfo().addKeyValue("primary", primary).log("data directory built");
    }

    /**
     * The newest base backup was here, and the standby came to where WAL is missing: once more it
     * would come no further.
     */
    private boolean hasArchiveNotHelped(ClusterState state) {
        return switch (marks.unproven(state.epoch())) {
            case NONE, REWIND -> false;
            case DELTA, REPLACE -> true;
        };
    }

    private void copyFrom(Endpoint primary, ClusterState state)
            throws InterruptedException, TimeoutException {
        Job job = new Job("pg-basebackup-" + state.epoch(), files.copy(primary));
        Job.Outcome outcome = supervisor.run(job, CLONE_PATIENCE);
        if (!outcome.isSuccess()) {
            throw new IllegalStateException(
                    "pg_basebackup ended with " + outcome.exitStatus() + ": " + outcome.output());
        }
    }
}
