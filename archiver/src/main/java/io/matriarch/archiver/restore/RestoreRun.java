package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.FixedPool;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.fetch.LastTransaction;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.planning.NeededObjects;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.host.DiskTrouble;
import io.matriarch.postgres.host.HeldLock;
import io.matriarch.postgres.host.OwnLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a plan: looks at the target, fetches backup and WAL side by side, proves every byte,
 * and seals. Killed anywhere, the directory has no {@code global/pg_control}, no server starts from
 * it, and the same restore into it goes on where it was: files that are there with the right
 * checksum are kept.
 *
 * <p>The WAL is all there when the directory is sealed, or, with {@link #stream}, goes on coming
 * while a server replays it, and no more of it than that server is behind lies on disk.
 *
 * <p>Memory: for each of the {@code parallel} threads a decompressor and a buffer, or one WAL
 * segment.
 */
public final class RestoreRun implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RestoreRun.class);

    /** How much WAL lies on disk ahead of a server that replays, or else two segments. */
    private static final long STREAM_BYTES = 256L << 20;

    /** How much WAL a server keeps behind itself: {@code max_wal_size}, as it is by default. */
    private static final long REPLAYED_BYTES = 1L << 30;

    /** Of many objects that are lost, so many are named. */
    private static final int NAMED = 10;

    private final RestoreSource source;
    private final RestorePlan plan;
    private final RestoreOptions options;
    private final TargetDirectory target;
    private final RestoredFiles files;
    private final RestoreFolder folder;
    private final Seal seal;
    private final WalRestore wal;

    /** What a check has read and nobody has needed since. */
    private RestoreSource.@Nullable BackupFiles checked;

    public RestoreRun(
            ObjectStore store, RepositoryLayout layout, RestorePlan plan, RestoreOptions options) {
        this(new RepositorySource(store, layout), plan, options);
    }

    /** Restores from wherever a plan's backup lies. */
    public RestoreRun(RestoreSource source, RestorePlan plan, RestoreOptions options) {
        this.source = source;
        this.plan = plan;
        this.options = options;
        this.target = new TargetDirectory(plan, options);
        this.files = new RestoredFiles(options.directory(), options.owner());
        this.folder = new RestoreFolder(files);
        this.seal = new Seal(plan, options, files);
        this.wal = new WalRestore(source.wal(plan), plan, files);
    }

    /**
     * Looks whether it could be done here and now, and changes nothing. A run that follows does not
     * read again what this has read.
     *
     * @param isStreamed whether it will be done with a {@link #stream}
     * @throws RestoreException if not
     */
    public void check(boolean isStreamed) {
        checkDelta();
        if (target.check() != TargetDirectory.State.COMPLETE) {
            checkReadable();
            checkTime();
            RestoreSource.BackupFiles contents = contents();
            try {
                target.checkRoom(contents, walBytes(isStreamed));
            } catch (RuntimeException e) {
                contents.close();
                throw e;
            }
            checked = contents;
        }
    }

    private void checkDelta() {
        if (options.isDelta() && !source.againstDelta().isEmpty()) {
            throw new RestoreException(
                    "--delta: " + source.againstDelta().getFirst(),
                    "restore into a directory that is absent or empty; nothing was changed");
        }
    }

    /** What is lost, or must be thawed first, makes a restore fail halfway, perhaps hours later. */
    private void checkReadable() {
        NeededObjects needed = source.needed(plan);
        if (!needed.lacking().isEmpty()) {
            int others = needed.lacking().size() - NAMED;
            throw new RestoreException(
                    needed.lacking().stream()
                                    .limit(NAMED)
                                    .map(Damage::toString)
                                    .collect(Collectors.joining("; "))
                            + (others > 0 ? "; and " + others + " more" : ""),
                    "put back what backup "
                            + plan.backup().id()
                            + " needs from another copy of the repository, or name another backup"
                            + " with --backup; nothing was changed");
        }
        if (!needed.cold().isEmpty()) {
            throw new RestoreException(
                    needed.cold().size()
                            + " objects, "
                            + needed.coldBytes()
                            + " bytes, cannot be read until they are thawed: "
                            + needed.cold().stream()
                                    .map(it -> it.key() + " (" + it.storage().name() + ")")
                                    .collect(Collectors.joining(", ")),
                    "ask the store to thaw each of them (S3: restore-object), wait until it has, and"
                            + " run the same restore again");
        }
    }

    /** Replay would find it out too, at its end, and not promote. */
    private void checkTime() {
        if (plan.target() instanceof RestoreTarget.PointInTime(var time, boolean isInclusive)) {
            Lsn stop = plan.backup().wal().stop();
            List<WalSegment> behind =
                    plan.wal().stream().filter(segment -> segment.end().isAfter(stop)).toList();
            switch (LastTransaction.in(wal::content, behind, time)) {
                case LastTransaction.Ended(Instant last) -> {
                    if (isInclusive ? !last.isAfter(time) : last.isBefore(time)) {
                        throw nothingAfter(time, "the last ended at " + last);
                    }
                }
                case LastTransaction.None() ->
                        throw nothingAfter(
                                time,
                                "none has ended since backup %s, at %s"
                                        .formatted(plan.backup().id(), plan.backup().stopTime()));
                case LastTransaction.Unknown() -> {}
            }
        }
    }

    private RestoreException nothingAfter(Instant time, String last) {
        String reason = "target: no transaction that ended after " + time + " is archived";
        return plan.gap()
                .map(gap ->
                        new RestoreException(
                                reason + " before the gap; " + last + "; " + gap,
                                "put the missing segment back, ask for an earlier time, or for all"
                                        + " that lies before the gap"))
                .orElseGet(() ->
                        new RestoreException(
                                reason + "; " + last,
                                "to have all that there is, ask for the latest"));
    }

    private long walBytes(boolean isStreamed) {
        long bytes =
                switch (options.mode()) {
                    case RestoreMode.Recover _ -> plan.wal().size() * segmentBytes();
                    case RestoreMode.AsStandby _ -> 0;
                };
        return (isStreamed ? Math.min(bytes, ahead() * segmentBytes()) : bytes)
                + Math.min(bytes, REPLAYED_BYTES);
    }

    /**
     * The plan's WAL, to be handed to {@link #run(TransferProgress, PlannedWal)} and closed when
     * the server has ended its recovery.
     */
    public PlannedWal stream() {
        return new PlannedWal(
                wal::handOver,
                plan.wal().stream().<WalName>map(WalName.Segment::of).toList(),
                files.place(RestoreFolder.FOLDER),
                ahead());
    }

    /** How many segments lie on disk ahead of a server that replays. */
    private int ahead() {
        return Math.clamp(STREAM_BYTES / segmentBytes(), 2, 64);
    }

    private long segmentBytes() {
        return plan.backup().server().walSegmentSize().bytes();
    }

    /**
     * Restores, and all the WAL with it.
     *
     * @throws RestoreException if it cannot be done; a directory that was not empty is untouched
     */
    public RestoreReport run(TransferProgress progress) throws InterruptedException {
        return run(progress, Optional.empty());
    }

    /**
     * Restores, for a server that is started at once: its WAL comes with {@code stream}.
     *
     * @throws RestoreException if it cannot be done; a directory that was not empty is untouched
     */
    public RestoreReport run(TransferProgress progress, PlannedWal stream)
            throws InterruptedException {
        return run(progress, Optional.of(stream));
    }

    private RestoreReport run(TransferProgress progress, Optional<PlannedWal> stream)
            throws InterruptedException {
        long began = System.nanoTime();
        try (OwnLock _ = target.claim()) {
            return run(progress, stream, began);
        } catch (IOException e) {
            throw troubled(DiskTrouble.text(e), e);
        } catch (UncheckedIOException e) {
            throw troubled(String.valueOf(e.getMessage()), e);
        }
    }

    private RestoreException troubled(String why, Exception cause) {
        return RestoreException.ofThisHost(
                "target directory " + options.directory() + ": " + why,
                "check its file system, then run the same restore again: it goes on",
                cause);
    }

    private RestoreReport run(TransferProgress progress, Optional<PlannedWal> stream, long began)
            throws IOException, InterruptedException {
        checkDelta();
        TargetDirectory.State state = target.check();
        if (state != TargetDirectory.State.COMPLETE && checked == null) {
            checkReadable();
        }
        try (RestoreSource.BackupFiles contents = contents()) {
            RestoreReport.Transfer transfer = RestoreReport.Transfer.NONE;
            if (state == TargetDirectory.State.COMPLETE) {
                supply(stream);
            } else {
                target.checkRoom(contents, walBytes(stream.isPresent()));
                transfer = restore(contents, state, progress, stream);
            }
            RestoreReport report =
                    new RestoreReport(
                            plan,
                            contents.fileCount(),
                            contents.bytes(),
                            transfer,
                            Duration.ofNanos(System.nanoTime() - began),
                            state == TargetDirectory.State.COMPLETE);
            log.atInfo()
                    .addKeyValue("backup", plan.backup().id())
                    .addKeyValue("directory", options.directory())
                    .addKeyValue("bytes", report.bytes())
                    .addKeyValue("durationMs", report.duration().toMillis())
                    .log("restore completed");
            return report;
        }
    }

    private RestoreSource.BackupFiles contents() {
        RestoreSource.BackupFiles known = checked;
        checked = null;
        return known == null ? source.files(plan) : known;
    }

    private RestoreReport.Transfer restore(
            RestoreSource.BackupFiles contents,
            TargetDirectory.State state,
            TransferProgress progress,
            Optional<PlannedWal> stream)
            throws IOException, InterruptedException {
        Optional<HeldLock> lock = target.lock();
        try {
            long removed = prepare(contents, state);
            stream.ifPresent(PlannedWal::start);
            RestoreSource.Unpacking unpacking =
                    contents.unpacking(files, state != TargetDirectory.State.FRESH, progress);
            fetch(unpacking, stream.isEmpty());
            unpacking.finish();
            if (options.mode() instanceof RestoreMode.Recover) {
                folder.writeFetch(plan, stream.isPresent());
            }
            files.settle();
            seal.close(contents.folders(), unpacking.held(), target.tablespaces());
            return unpacking.transfer(removed);
        } finally {
            files.drain();
            lock.ifPresent(HeldLock::close);
        }
    }

    /** Sees to the WAL of a directory that was sealed before. */
    private void supply(Optional<PlannedWal> stream) throws IOException, InterruptedException {
        if (!Seal.isRecovering(options.directory())
                || !RestoreFolder.isStreamed(options.directory())) {
            return;
        }
        folder.sweep();
        if (stream.isPresent()) {
            // The archive may have grown, or shrunk, since this was written.
            folder.writeFetch(plan, true);
            stream.get().start();
            return;
        }
        try (FixedPool pool = new FixedPool("restore", options.parallel())) {
            pool.runAll(wal(true));
        }
        folder.writeFetch(plan, false);
    }

    /**
     * The note comes before everything else, so that whatever follows is known to be ours. Only
     * what could be started until now is made to fail before that.
     *
     * @return how many files were removed
     */
    private long prepare(RestoreSource.BackupFiles contents, TargetDirectory.State state)
            throws IOException {
        if (state == TargetDirectory.State.OCCUPIED) {
            Seal.breakOpen(options.directory());
        }
        Map<Long, Path> tablespaces = target.tablespaces();
        files.root("0700");
        files.folder(new DataFolder("pg_wal", "0700"));
        files.folder(new DataFolder(RestoreFolder.FOLDER, "0700"));
        if (state == TargetDirectory.State.OCCUPIED || state == TargetDirectory.State.REDIRECTED) {
            folder.empty();
        } else {
            folder.sweep();
        }
        folder.writeNote(RestoreFolder.Note.of(plan, options));
        long removed = 0;
        if (options.isDelta() && state != TargetDirectory.State.FRESH) {
            int major = new PostgresVersion(plan.backup().server().version()).major();
            removed = Leftovers.beside(contents, options.directory(), tablespaces, major).remove();
        }
        files.folder(new DataFolder("pg_tblspc", "0700"));
        for (Map.Entry<Long, Path> tablespace : tablespaces.entrySet()) {
            files.link("pg_tblspc/" + tablespace.getKey(), tablespace.getValue());
        }
        for (DataFolder each : contents.folders()) {
            files.folder(each);
        }
        return removed;
    }

    private void fetch(RestoreSource.Unpacking unpacking, boolean isWithSegments)
            throws InterruptedException {
        List<Callable<String>> beside =
                options.mode() instanceof RestoreMode.Recover ? wal(isWithSegments) : List.of();
        try (FixedPool pool = new FixedPool("restore", options.parallel())) {
            for (List<Callable<String>> stage : unpacking.stages()) {
                List<Callable<String>> work = new ArrayList<>(stage);
                work.addAll(beside);
                pool.runAll(work);
                beside = List.of();
            }
        }
    }

    private List<Callable<String>> wal(boolean isWithSegments) {
        List<Callable<String>> work = new ArrayList<>();
        for (TimelineId timeline : plan.histories()) {
            work.add(() -> {
                wal.history(timeline);
                return timeline.historyFileName();
            });
        }
        for (WalSegment segment : isWithSegments ? plan.wal() : List.<WalSegment>of()) {
            work.add(() -> {
                wal.segment(segment);
                return segment.name();
            });
        }
        return work;
    }

    /** Only needed if what was checked is not run. */
    @Override
    public void close() {
        RestoreSource.BackupFiles unneeded = checked;
        checked = null;
        if (unneeded != null) {
            unneeded.close();
        }
    }
}
