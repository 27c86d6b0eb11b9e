package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.PostgresManifest;
import io.matriarch.archiver.increment.IncrementShelf;
import io.matriarch.archiver.increment.MergedContent;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.BackupContents;
import io.matriarch.archiver.readback.BundleReading;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.datadir.BackupLabel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * The files of a backup, and of those that it is based on, on their way into the directory. Of a
 * chain the newest backup comes first: its increments are laid aside, and each file is written
 * once, in one pass, when the backup comes along that has it whole.
 */
final class ChainUnpacking implements RestoreSource.Unpacking {

    private final RestorePlan plan;
    private final List<BackupContents> backups;
    private final Optional<IncrementShelf> shelf;
    private final Way way;
    private final BundleReading bundles;
    private final RestoredFiles files;
    private final ConcurrentMap<String, byte[]> held = new ConcurrentHashMap<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong keptFiles = new AtomicLong();
    private final AtomicLong keptBytes = new AtomicLong();
    private final AtomicLong fetchedBytes = new AtomicLong();

    /**
     * How files come, and where to.
     *
     * @param isCompared whether files that are in place already, and right, stay
     */
    record Way(
            Download download,
            RestoredFiles files,
            boolean isCompared,
            TransferProgress progress) {}

    /**
     * @param backups the newest first
     * @param shelf for increments; empty if there is only one backup
     */
    ChainUnpacking(
            RestorePlan plan,
            List<BackupContents> backups,
            Optional<IncrementShelf> shelf,
            Way way) {
        this.plan = plan;
        this.backups = backups;
        this.shelf = shelf;
        this.way = way;
        this.bundles = new BundleReading(way.download());
        this.files = way.files();
    }

    @Override
    public Map<String, byte[]> held() {
        return held;
    }

    @Override
    public RestoreReport.Transfer transfer(long removed) {
        return new RestoreReport.Transfer(
                keptFiles.get(), keptBytes.get(), removed, fetchedBytes.get());
    }

    /** A stage for each backup: what an older one is needed for, only newer ones tell. */
    @Override
    public List<List<Callable<String>>> stages() {
        long total = backups.stream().mapToLong(BackupContents::bytes).sum();
        List<List<Callable<String>>> stages = new ArrayList<>();
        for (int age = 0; age < backups.size(); age++) {
            stages.add(work(age, total));
        }
        return stages;
    }

    private List<Callable<String>> work(int age, long total) {
        BackupContents backup = backups.get(age);
        List<Callable<String>> work = new ArrayList<>();
        // The largest first, so that the threads end at about the same time.
        for (BackupObject object : backup.bundles()) {
            work.add(() -> {
                List<ManifestEntry> entries = backup.files(object);
                if (age == 0) {
                    bringNewest(backup.key(object), object, entries);
                } else {
                    bringOlder(backup.key(object), object, entries, shelf.orElseThrow(), age);
                }
                way.progress().onBytes(done.addAndGet(size(entries)), total);
                return object.name();
            });
        }
        return work;
    }

    private void bringNewest(String key, BackupObject object, List<ManifestEntry> entries) {
        List<ManifestEntry> kept =
                way.isCompared() ? entries.stream().filter(this::isKept).toList() : List.of();
        if (kept.size() < entries.size()) {
            Set<String> names = kept.stream().map(ManifestEntry::path).collect(Collectors.toSet());
            bundles.read(
                    key,
                    object,
                    entries,
                    (file, content) ->
                            names.contains(file.path()) ? file.crc32c() : take(file, content));
            fetchedBytes.addAndGet(object.size());
        }
        keptFiles.addAndGet(kept.size());
        keptBytes.addAndGet(size(kept));
    }

    private String take(ManifestEntry file, InputStream content) throws IOException {
        if (file.isIncrement()) {
            return shelf.orElseThrow(() ->
                            new IOException(file.path() + " is in a backup that is a full one"))
                    .lay(0, file, content);
        }
        if (shelf.isPresent() && file.path().equals(PostgresManifest.NAME)) {
            // It tells of increments; the one of the whole files is written at the end.
            return BundleReading.prove(file, content);
        }
        return Seal.HELD.contains(file.path()) ? hold(file, content) : files.write(file, content);
    }

    /** Of an older backup only that is needed which newer ones have increments of. */
    private void bringOlder(
            String key,
            BackupObject object,
            List<ManifestEntry> entries,
            IncrementShelf shelf,
            int age) {
        Set<String> wanted =
                entries.stream()
                        .filter(file -> shelf.isWanted(file.filePath()))
                        .map(ManifestEntry::path)
                        .collect(Collectors.toSet());
        if (wanted.isEmpty()) {
            return;
        }
        bundles.read(
                key,
                object,
                entries,
                (file, content) -> {
                    if (!wanted.contains(file.path())) {
                        return BundleReading.prove(file, content);
                    }
                    return file.isIncrement()
                            ? shelf.lay(age, file, content)
                            : merge(file, content, shelf);
                });
        fetchedBytes.addAndGet(object.size());
    }

    private String merge(ManifestEntry file, InputStream content, IncrementShelf shelf)
            throws IOException {
        MergedContent merged = shelf.merged(file, content);
        ManifestEntry whole = shelf.newest(file.path());
        shelf.settle(whole.withChecksum(files.write(whole, merged)));
        return merged.drain();
    }

    /** Each bundle was compared with its manifest as it was read; of a chain, is all there? */
    @Override
    public void finish() throws IOException {
        if (shelf.isPresent()) {
            finish(shelf.get());
        }
    }

    private void finish(IncrementShelf aside) throws IOException {
        Optional<String> lost = aside.firstWanted();
        if (lost.isPresent()) {
            throw new RestoreException(
                    "backup %s: %s has changes, and none of the backups that it is based on has the"
                                    .formatted(plan.backup().id(), lost.get())
                            + " file",
                    "restore from another backup");
        }
        byte[] label = held.get(Seal.BACKUP_LABEL);
        if (label != null) {
            String text = new String(label, StandardCharsets.UTF_8);
            held.put(
                    Seal.BACKUP_LABEL,
                    BackupLabel.parse(text).combined().text().getBytes(StandardCharsets.UTF_8));
        }
        PostgresManifest.Origin origin =
                new PostgresManifest.Origin(
                        plan.backup().server().version(),
                        plan.backup().systemIdentifier(),
                        plan.backup().wal());
        files.write(
                PostgresManifest.NAME,
                out ->
                        PostgresManifest.write(
                                out,
                                origin,
                                seen ->
                                        backups.getFirst()
                                                .eachFile(file -> show(file, aside, seen))),
                "0600");
    }

    /** As the file is now. */
    private void show(ManifestEntry file, IncrementShelf aside, Consumer<ManifestEntry> seen) {
        if (file.isIncrement()) {
            seen.accept(file.whole(aside.settled(file.filePath()).orElseThrow().crc32c()));
        } else if (file.path().equals(Seal.BACKUP_LABEL)) {
            byte[] label = held.getOrDefault(Seal.BACKUP_LABEL, new byte[0]);
            seen.accept(file.withSize(label.length).withChecksum(checksum(label)));
        } else if (!file.path().equals(PostgresManifest.NAME)
                && !file.path().equals(Seal.TABLESPACE_MAP)) {
            seen.accept(file);
        }
    }

    private String hold(ManifestEntry file, InputStream content) throws IOException {
        byte[] bytes = content.readNBytes((int) file.size());
        held.put(file.path(), bytes);
        return checksum(bytes);
    }

    private static String checksum(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return ManifestEntry.text(sum);
    }

    /** What was held back is nowhere on disk, and of an increment's file no checksum is known. */
    private boolean isKept(ManifestEntry entry) {
        return !entry.isIncrement() && !Seal.HELD.contains(entry.path()) && files.keep(entry);
    }

    private static long size(List<ManifestEntry> entries) {
        return entries.stream().mapToLong(ManifestEntry::size).sum();
    }
}
