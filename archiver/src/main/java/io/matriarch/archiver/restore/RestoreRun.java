package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.FixedPool;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.host.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a plan: looks at the target, fetches backup and WAL side by side, proves every byte,
 * and seals. Killed anywhere, the directory has no {@code global/pg_control}, no server starts from
 * it, and the same restore into it goes on where it was: files that are there with the right
 * checksum are kept.
 *
 * <p>Memory: for each of the {@code parallel} threads a decompressor and a buffer, or one WAL
 * segment.
 */
public final class RestoreRun {

    private static final Logger log = LoggerFactory.getLogger(RestoreRun.class);

    private static final String BACKUP_LABEL = "backup_label";
    private static final String CONTROL_FILE = "global/pg_control";

    /**
     * The restore makes the links itself; with the map the server would make the old ones again.
     */
    private static final String TABLESPACE_MAP = "tablespace_map";

    private static final Set<String> HELD = Set.of(BACKUP_LABEL, CONTROL_FILE, TABLESPACE_MAP);

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final RestorePlan plan;
    private final RestoreOptions options;
    private final TargetDirectory target;
    private final Download download;
    private final RestoredFiles files;
    private final RestoreFolder folder;

    public RestoreRun(
            ObjectStore store, RepositoryLayout layout, RestorePlan plan, RestoreOptions options) {
        this.store = store;
        this.layout = layout;
        this.plan = plan;
        this.options = options;
        this.target = new TargetDirectory(plan, options);
        this.download = new Download(store);
        this.files = new RestoredFiles(options.directory(), Ownership.of(options.owner()));
        this.folder = new RestoreFolder(files);
    }

    /**
     * Looks whether it could be done here and now, and changes nothing.
     *
     * @throws RestoreException if not
     */
    public void check() {
        if (target.check() == TargetDirectory.State.FRESH) {
            target.checkRoom(manifest());
        }
    }

    /**
     * Restores.
     *
     * @throws RestoreException if it cannot be done; a directory that was not empty is untouched
     */
    public RestoreReport run(TransferProgress progress) throws InterruptedException {
        long began = System.nanoTime();
        TargetDirectory.State state = target.check();
        FileManifest manifest = manifest();
        if (state == TargetDirectory.State.COMPLETE) {
            return report(manifest, began, true);
        }
        try {
            if (state == TargetDirectory.State.FRESH) {
                target.checkRoom(manifest);
            }
            prepare(manifest);
            Map<String, byte[]> held =
                    fetch(manifest, state == TargetDirectory.State.UNFINISHED, progress);
            seal(manifest, held);
        } catch (IOException | UncheckedIOException e) {
            throw new RestoreException(
                    "target directory " + options.directory() + ": " + e.getMessage(),
                    "check its file system, then run the same restore again: it goes on",
                    e);
        }
        RestoreReport report = report(manifest, began, false);
        log.atInfo()
                .addKeyValue("backup", plan.backup().id())
                .addKeyValue("directory", options.directory())
                .addKeyValue("bytes", report.bytes())
                .addKeyValue("durationMs", report.duration().toMillis())
                .log("restore completed");
        return report;
    }

    private RestoreReport report(FileManifest manifest, long began, boolean wasComplete) {
        return new RestoreReport(
                plan,
                manifest.files().size(),
                manifest.bytes(),
                Duration.ofNanos(System.nanoTime() - began),
                wasComplete);
    }

    private FileManifest manifest() {
        String key = layout.manifest(plan.backup().id());
        BackupObject object = objects().get(FileManifest.NAME);
        if (object == null) {
            throw new RestoreException(
                    "backup " + plan.backup().id() + " names no " + FileManifest.NAME,
                    "restore from another backup");
        }
        byte[] bytes = download.read(key, stored -> stored.readAllBytes());
        String found = Sha256.hex(bytes);
        if (!found.equals(object.sha256())) {
            throw Download.damaged(
                    key, "SHA-256 " + found + " (expected: " + object.sha256() + ")", null);
        }
        try {
            return FileManifest.parse(bytes);
        } catch (IOException e) {
            throw Download.damaged(key, String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, BackupObject> objects() {
        Map<String, BackupObject> objects = new HashMap<>();
        plan.backup().objects().forEach(object -> objects.put(object.name(), object));
        return objects;
    }

    /** The note comes before everything else, so that whatever follows is known to be ours. */
    private void prepare(FileManifest manifest) throws IOException {
        files.root("0700");
        files.folder(new DataFolder("pg_wal", "0700"));
        files.folder(new DataFolder(RestoreFolder.FOLDER, "0700"));
        folder.writeNote(RestoreFolder.Note.of(plan, options));
        files.folder(new DataFolder("pg_tblspc", "0700"));
        for (Map.Entry<Long, Path> tablespace : target.tablespaces().entrySet()) {
            files.link("pg_tblspc/" + tablespace.getKey(), tablespace.getValue());
        }
        for (DataFolder each : manifest.folders()) {
            files.folder(each);
        }
    }

    private Map<String, byte[]> fetch(
            FileManifest manifest, boolean isResumed, TransferProgress progress)
            throws InterruptedException {
        ConcurrentMap<String, byte[]> held = new ConcurrentHashMap<>();
        BundleRestore bundles = new BundleRestore(download, files, HELD, held);
        long total = manifest.bytes();
        AtomicLong done = new AtomicLong();
        List<Callable<String>> work = new ArrayList<>();
        byBundle(manifest)
                .forEach((object, entries) ->
                        work.add(() -> {
                            if (!isResumed || !isThere(entries)) {
                                bundles.restore(key(object), object, entries);
                            }
                            progress.onBytes(done.addAndGet(size(entries)), total);
                            return object.name();
                        }));
        if (options.mode() instanceof RestoreMode.Recover) {
            work.addAll(wal());
        }
        try (FixedPool pool = new FixedPool("restore", options.parallel())) {
            pool.runAll(work);
        }
        return held;
    }

    private String key(BackupObject object) {
        return layout.backupFolder(plan.backup().id()) + object.name();
    }

    private static long size(List<ManifestEntry> entries) {
        return entries.stream().mapToLong(ManifestEntry::size).sum();
    }

    /** What was held back is nowhere on disk, so its bundle is fetched again. */
    private boolean isThere(List<ManifestEntry> entries) {
        return entries.stream()
                .allMatch(entry -> !HELD.contains(entry.path()) && files.isThere(entry));
    }

    private Map<BackupObject, List<ManifestEntry>> byBundle(FileManifest manifest) {
        Map<String, BackupObject> objects = objects();
        Map<BackupObject, List<ManifestEntry>> bundles = new HashMap<>();
        for (ManifestEntry entry : manifest.files()) {
            BackupObject object = objects.get(entry.bundle());
            if (object == null) {
                throw new RestoreException(
                        "manifest of backup "
                                + plan.backup().id()
                                + ": "
                                + entry.path()
                                + " lies in "
                                + entry.bundle()
                                + ", which the backup does not name",
                        "restore from another backup");
            }
            bundles.computeIfAbsent(object, _ -> new ArrayList<>()).add(entry);
        }
        return bundles;
    }

    private List<Callable<String>> wal() {
        WalRestore wal =
                new WalRestore(
                        new ArchivedWal(store, layout, plan.backup().server().walSegmentSize()),
                        layout,
                        files);
        List<Callable<String>> work = new ArrayList<>();
        for (WalSegment segment : plan.wal()) {
            work.add(() -> {
                wal.segment(segment);
                return segment.name();
            });
        }
        for (TimelineId timeline : plan.histories()) {
            work.add(() -> {
                wal.history(timeline);
                return timeline.historyFileName();
            });
        }
        return work;
    }

    /** The order matters: without {@code pg_control} no server starts, so it comes last. */
    private void seal(FileManifest manifest, Map<String, byte[]> held) throws IOException {
        byte[] label = held.get(BACKUP_LABEL);
        byte[] control = held.get(CONTROL_FILE);
        if (label == null || control == null) {
            throw new RestoreException(
                    "backup " + plan.backup().id() + ": has no backup_label or no pg_control",
                    "restore from another backup");
        }
        String added = RecoverySettings.lines(plan, options.mode());
        switch (options.mode()) {
            case RestoreMode.Recover _ -> {
                folder.writeFetch(plan);
                files.write("recovery.signal", "", "0600");
            }
            case RestoreMode.AsStandby _ -> files.write("standby.signal", "", "0600");
        }
        Path settings = files.place("postgresql.auto.conf");
        String before = Files.exists(settings) ? Files.readString(settings) : "";
        files.write("postgresql.auto.conf", before + added, "0600");
        files.write(BACKUP_LABEL, label, "0600");
        for (DataFolder each : manifest.folders()) {
            DurableFiles.syncFolder(files.place(each.path()));
        }
        DurableFiles.syncFolder(options.directory());
        files.write(CONTROL_FILE, control, "0600");
    }
}
