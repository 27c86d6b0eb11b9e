package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleBody;
import io.matriarch.archiver.bundle.BundlePacking;
import io.matriarch.archiver.bundle.BundleSource;
import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.CompressorThreads;
import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.bundle.FixedPool;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.increment.Reference;
import io.matriarch.archiver.journal.BackupJournal;
import io.matriarch.archiver.journal.InterruptedBackup.LeftBundle;
import io.matriarch.archiver.pace.Pace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

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
    private final Optional<Reference> reference;
    private final BackupScratch scratch;

    Copying(
            Path dataDirectory,
            boolean verifiesPages,
            BackupSettings settings,
            BundleUpload upload,
            BackupJournal journal,
            Optional<Reference> reference,
            BackupScratch scratch) {
        this.dataDirectory = dataDirectory;
        this.verifiesPages = verifiesPages;
        this.settings = settings;
        this.upload = upload;
        this.journal = journal;
        this.reference = reference;
        this.scratch = scratch;
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
            List<LeftBundle> left,
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
                        upload.keyring(),
                        settings.zstdLevel(),
                        compressors(),
                        verifiesPages,
                        reference,
                        bytes -> {
                            progress.onBytes(Math.min(total, done.addAndGet(bytes)), total);
                            pace.onBytes(bytes);
                        });
        try (FixedPool pool = new FixedPool("backup", settings.parallel())) {
            Optional<Takeover> takeover = takeOver(pool, source, found, left);
            List<DataCopy.Bundle> bundles = new ArrayList<>();
            takeover.ifPresent(it -> bundles.addAll(it.matching()));
            done.set(takeover.map(Takeover::bytes).orElse(0L));
            onCompared.run();
            int reused = bundles.size();
            bundles.addAll(pool.runAll(work(source, found, takeover)));
            return new DataCopy(found, owner, List.copyOf(bundles), scratch.copied(), reused);
        }
    }

    /** Empty if there is nothing to take over. */
    private Optional<Takeover> takeOver(
            FixedPool pool, BundleSource source, DirectoryScan.Found found, List<LeftBundle> left)
            throws InterruptedException {
        if (left.isEmpty()) {
            return Optional.empty();
        }
        Takeover takeover = new Takeover(source, scratch, found.files());
        for (Optional<Takeover.Match> match : pool.runAll(takeover.checks(left))) {
            match.ifPresent(takeover::add);
        }
        return Optional.of(takeover);
    }

    private List<Callable<DataCopy.Bundle>> work(
            BundleSource source, DirectoryScan.Found found, Optional<Takeover> takeover) {
        BundlePacking packing = new BundlePacking(settings.bundleBytes(), scratch.small());
        found.files()
                .each(file -> {
                    if (takeover.isEmpty() || takeover.get().isLeftToCopy(file)) {
                        packing.add(file);
                    }
                });
        List<Callable<DataCopy.Bundle>> work = new ArrayList<>();
        // Directories go into a bundle of their own, so that the first one is quick to unpack.
        work.add(() -> note(upload.upload(new BundleBody(source, found.folders(), List.of()))));
        for (Supplier<List<DataFile>> bundle : packing.bundles()) {
            work.add(() -> {
                BundleUpload.Stored stored =
                        upload.upload(new BundleBody(source, List.of(), bundle.get()));
                journal.confirmed(stored);
                return note(stored);
            });
        }
        return work;
    }

    private DataCopy.Bundle note(BundleUpload.Stored stored) {
        scratch.copied().addAll(stored.entries());
        return new DataCopy.Bundle(stored.object(), stored.suspects());
    }
}
