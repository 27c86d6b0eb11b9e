package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleBody;
import io.matriarch.archiver.bundle.BundlePacking;
import io.matriarch.archiver.bundle.BundleSource;
import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.bundle.FixedPool;
import io.matriarch.archiver.bundle.PageVerification;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.postgres.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * What was copied of a data directory: everything but {@code global/pg_control}.
 *
 * @param found what there was to copy
 * @param bundles what the store has confirmed
 */
record DataCopy(DirectoryScan.Found found, TarOwner owner, List<BundleUpload.Stored> bundles) {

    /** Copies a data directory between the start and the stop of a backup. */
    static DataCopy make(
            Path dataDirectory,
            DirectoryScan.Found found,
            boolean verifiesPages,
            BundleUpload upload,
            BackupSettings settings,
            TransferProgress progress)
            throws IOException, InterruptedException {
        TarOwner owner = TarOwner.of(dataDirectory);
        long total = found.bytes();
        AtomicLong done = new AtomicLong();
        BundleSource source =
                new BundleSource(
                        dataDirectory,
                        owner,
                        settings.zstdLevel(),
                        verifiesPages,
                        bytes -> progress.onBytes(Math.min(total, done.addAndGet(bytes)), total));
        List<Callable<BundleUpload.Stored>> work = new ArrayList<>();
        // Directories go into a bundle of their own, so that the first one is quick to unpack.
        work.add(() -> upload.upload(new BundleBody(source, found.folders(), List.of())));
        for (List<DataFile> files : BundlePacking.pack(found.files(), settings.bundleBytes())) {
            work.add(() -> upload.upload(new BundleBody(source, List.of(), files)));
        }
        try (FixedPool pool = new FixedPool("backup", settings.parallel())) {
            return new DataCopy(found, owner, pool.runAll(work));
        }
    }

    List<ManifestEntry> files() {
        return bundles.stream().flatMap(bundle -> bundle.entries().stream()).toList();
    }

    /** Pages that replay between the two positions will not repair. */
    List<CorruptPages> corruptPages(Lsn start, Lsn stop) {
        Map<String, List<Long>> blocks =
                bundles.stream()
                        .flatMap(bundle -> bundle.suspects().stream())
                        .filter(suspect -> suspect.isCorrupt(start, stop))
                        .collect(
                                Collectors.groupingBy(
                                        PageVerification.Suspect::path,
                                        TreeMap::new,
                                        Collectors.mapping(
                                                PageVerification.Suspect::block,
                                                Collectors.toList())));
        return blocks.entrySet().stream()
                .map(entry -> new CorruptPages(entry.getKey(), entry.getValue()))
                .toList();
    }
}
