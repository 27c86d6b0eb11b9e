package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.readback.BackupContents;
import io.matriarch.archiver.readback.BundleReading;
import io.matriarch.archiver.readback.Download;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/** A backup's files on their way into the directory. */
final class BackupUnpacking {

    private final BackupContents contents;
    private final BundleReading bundles;
    private final RestoredFiles files;
    private final boolean isCompared;
    private final TransferProgress progress;
    private final ConcurrentMap<String, byte[]> held = new ConcurrentHashMap<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong keptFiles = new AtomicLong();
    private final AtomicLong keptBytes = new AtomicLong();
    private final AtomicLong fetchedBytes = new AtomicLong();

    /**
     * @param isCompared whether files that are in place already, and right, stay
     */
    BackupUnpacking(
            BackupContents contents,
            Download download,
            RestoredFiles files,
            boolean isCompared,
            TransferProgress progress) {
        this.contents = contents;
        this.bundles = new BundleReading(download);
        this.files = files;
        this.isCompared = isCompared;
        this.progress = progress;
    }

    /** What has not been written: it makes the directory one that a server starts from. */
    Map<String, byte[]> held() {
        return held;
    }

    RestoreReport.Transfer transfer(long removed) {
        return new RestoreReport.Transfer(
                keptFiles.get(), keptBytes.get(), removed, fetchedBytes.get());
    }

    List<Callable<String>> work() {
        long total = contents.bytes();
        List<Callable<String>> work = new ArrayList<>();
        // The largest first, so that the threads end at about the same time.
        for (BackupObject object : contents.bundles()) {
            work.add(() -> {
                List<ManifestEntry> entries = contents.files(object);
                bring(object, entries);
                progress.onBytes(done.addAndGet(size(entries)), total);
                return object.name();
            });
        }
        return work;
    }

    private void bring(BackupObject object, List<ManifestEntry> entries) {
        List<ManifestEntry> kept =
                isCompared ? entries.stream().filter(this::isKept).toList() : List.of();
        if (kept.size() < entries.size()) {
            Set<String> names = kept.stream().map(ManifestEntry::path).collect(Collectors.toSet());
            bundles.read(
                    contents.key(object),
                    object,
                    entries,
                    (file, content) -> take(file, content, names));
            fetchedBytes.addAndGet(object.size());
        }
        keptFiles.addAndGet(kept.size());
        keptBytes.addAndGet(size(kept));
    }

    /**
     * @param kept what is in place already
     */
    private String take(ManifestEntry file, InputStream content, Set<String> kept)
            throws IOException {
        if (kept.contains(file.path())) {
            return file.crc32c();
        }
        return Seal.HELD.contains(file.path()) ? hold(file, content) : files.write(file, content);
    }

    private String hold(ManifestEntry file, InputStream content) throws IOException {
        byte[] bytes = content.readNBytes((int) file.size());
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        held.put(file.path(), bytes);
        return ManifestEntry.text(sum);
    }

    /** What was held back is nowhere on disk. */
    private boolean isKept(ManifestEntry entry) {
        return !Seal.HELD.contains(entry.path()) && files.keep(entry);
    }

    private static long size(List<ManifestEntry> entries) {
        return entries.stream().mapToLong(ManifestEntry::size).sum();
    }
}
