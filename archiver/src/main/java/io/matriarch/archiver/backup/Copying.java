package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleBody;
import io.matriarch.archiver.bundle.BundleMatch;
import io.matriarch.archiver.bundle.BundlePacking;
import io.matriarch.archiver.bundle.BundleSource;
import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.CompressorThreads;
import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.bundle.FixedPool;
import io.matriarch.archiver.bundle.PageVerification;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.journal.BackupJournal;
import io.matriarch.archiver.journal.JournalPage;
import io.matriarch.archiver.pace.Pace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Copies a data directory between the start and the stop of a backup. */
final class Copying {

    /** Each takes some megabytes outside the heap, which is narrow in a sidecar. */
    private static final int MOST_COMPRESSORS = 2;

    /** A heap, in bytes, beside which there is room for them. */
    private static final long ROOMY = 128L << 20;

    private final Path dataDirectory;
    private final boolean verifiesPages;
    private final BackupSettings settings;
    private final BundleUpload upload;
    private final BackupJournal journal;

    Copying(
            Path dataDirectory,
            boolean verifiesPages,
            BackupSettings settings,
            BundleUpload upload,
            BackupJournal journal) {
        this.dataDirectory = dataDirectory;
        this.verifiesPages = verifiesPages;
        this.settings = settings;
        this.upload = upload;
        this.journal = journal;
    }

    /** Threads of the compressor are not seen by the one whose share of the CPU is counted. */
    private CompressorThreads compressors() {
        boolean isNarrow = Runtime.getRuntime().maxMemory() < ROOMY;
        boolean isCounted = settings.limits().cpuShare().isPresent();
        int cores = Runtime.getRuntime().availableProcessors();
        return new CompressorThreads(isNarrow || isCounted ? 0 : Math.min(cores, MOST_COMPRESSORS));
    }

    /**
     * Copies what was found.
     *
     * @param left bundles of an interrupted run: those that hold what a new one would hold serve
     *     again, whole
     * @param onCompared called when it is known which do
     */
    DataCopy copy(
            DirectoryScan.Found found,
            List<JournalPage.Bundle> left,
            Runnable onCompared,
            TransferProgress progress)
            throws IOException, InterruptedException {
        TarOwner owner = TarOwner.of(dataDirectory);
        Pace pace = new Pace(settings.limits());
        long total = found.bytes();
        AtomicLong done = new AtomicLong();
        BundleSource source =
                new BundleSource(
                        dataDirectory,
                        owner,
                        settings.zstdLevel(),
                        compressors(),
                        verifiesPages,
                        bytes -> {
                            progress.onBytes(Math.min(total, done.addAndGet(bytes)), total);
                            pace.onBytes(bytes);
                        });
        try (FixedPool pool = new FixedPool("backup", settings.parallel())) {
            List<BundleUpload.Stored> bundles = matching(pool, source, found, left);
            done.set(bytes(bundles));
            onCompared.run();
            int reused = bundles.size();
            bundles.addAll(pool.runAll(work(source, found, paths(bundles))));
            return new DataCopy(found, owner, List.copyOf(bundles), reused);
        }
    }

    private List<BundleUpload.Stored> matching(
            FixedPool pool,
            BundleSource source,
            DirectoryScan.Found found,
            List<JournalPage.Bundle> left)
            throws InterruptedException {
        Set<String> free = found.files().stream().map(DataFile::path).collect(Collectors.toSet());
        List<Callable<Optional<BundleUpload.Stored>>> checks = new ArrayList<>();
        for (JournalPage.Bundle bundle : left) {
            List<String> paths = bundle.files().stream().map(ManifestEntry::path).toList();
            // A file may lie in several bundles, if runs were interrupted repeatedly.
            if (!paths.isEmpty() && free.containsAll(paths)) {
                checks.add(() -> match(source, bundle));
            }
        }
        List<BundleUpload.Stored> matching = new ArrayList<>();
        for (Optional<BundleUpload.Stored> match : pool.runAll(checks)) {
            match.filter(it ->
                            free.containsAll(
                                    it.entries().stream().map(ManifestEntry::path).toList()))
                    .ifPresent(it -> {
                        it.entries().forEach(entry -> free.remove(entry.path()));
                        matching.add(it);
                    });
        }
        return matching;
    }

    private static Optional<BundleUpload.Stored> match(
            BundleSource source, JournalPage.Bundle bundle) {
        try {
            Optional<List<PageVerification.Suspect>> suspects =
                    BundleMatch.of(source, bundle.files());
            return suspects.map(it -> new BundleUpload.Stored(bundle.object(), bundle.files(), it));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Callable<BundleUpload.Stored>> work(
            BundleSource source, DirectoryScan.Found found, Set<String> copied) {
        List<DataFile> files =
                found.files().stream().filter(file -> !copied.contains(file.path())).toList();
        List<Callable<BundleUpload.Stored>> work = new ArrayList<>();
        // Directories go into a bundle of their own, so that the first one is quick to unpack.
        work.add(() -> upload.upload(new BundleBody(source, found.folders(), List.of())));
        for (List<DataFile> bundle : BundlePacking.pack(files, settings.bundleBytes())) {
            work.add(() -> {
                BundleUpload.Stored stored =
                        upload.upload(new BundleBody(source, List.of(), bundle));
                journal.confirmed(stored);
                return stored;
            });
        }
        return work;
    }

    private static Set<String> paths(List<BundleUpload.Stored> bundles) {
        Set<String> paths = new HashSet<>();
        bundles.forEach(bundle -> bundle.entries().forEach(entry -> paths.add(entry.path())));
        return paths;
    }

    private static long bytes(List<BundleUpload.Stored> bundles) {
        return bundles.stream()
                .flatMap(bundle -> bundle.entries().stream())
                .mapToLong(ManifestEntry::size)
                .sum();
    }
}
