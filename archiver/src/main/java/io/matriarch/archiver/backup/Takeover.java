package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleMatch;
import io.matriarch.archiver.bundle.BundleSource;
import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.bundle.PageVerification;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.journal.InterruptedBackup.LeftBundle;
import io.matriarch.postgres.host.ScratchList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Which bundles of an interrupted run serve again, whole. Holds some 64 bytes for each file of the
 * cluster.
 */
final class Takeover {

    private final BundleSource source;
    private final BackupScratch scratch;
    private final Set<Key> free = new HashSet<>();
    private final List<DataCopy.Bundle> matching = new ArrayList<>();
    private long bytes;

    /**
     * @param found what there is to copy
     */
    Takeover(BundleSource source, BackupScratch scratch, ScratchList<DataFile> found) {
        this.source = source;
        this.scratch = scratch;
        found.each(file -> free.add(Key.of(file.path())));
    }

    /** The first half of a path's SHA-256. No two paths share it. */
    private record Key(long high, long low) {

        static Key of(String path) {
            ByteBuffer digest =
                    ByteBuffer.wrap(
                            Sha256.newDigest().digest(path.getBytes(StandardCharsets.UTF_8)));
            return new Key(digest.getLong(), digest.getLong());
        }
    }

    /** A bundle that holds what a new one would hold. */
    record Match(LeftBundle bundle, List<PageVerification.Suspect> suspects) {}

    /** Looks at each bundle, which may be done by several threads. */
    List<Callable<Optional<Match>>> checks(List<LeftBundle> left) {
        List<Callable<Optional<Match>>> checks = new ArrayList<>();
        for (LeftBundle bundle : left) {
            checks.add(() -> check(bundle));
        }
        return checks;
    }

    private Optional<Match> check(LeftBundle bundle) {
        List<ManifestEntry> files = scratch.left().read(bundle.files());
        if (files.isEmpty() || !areFree(files)) {
            return Optional.empty();
        }
        try {
            return BundleMatch.of(source, files).map(suspects -> new Match(bundle, suspects));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean areFree(List<ManifestEntry> files) {
        return files.stream().allMatch(file -> free.contains(Key.of(file.path())));
    }

    /**
     * Takes a bundle, if none of its files lies in one that was taken before: so it may be, if runs
     * were interrupted repeatedly.
     */
    void add(Match match) {
        List<ManifestEntry> files = scratch.left().read(match.bundle().files());
        if (areFree(files)) {
            files.forEach(file -> free.remove(Key.of(file.path())));
            bytes += files.stream().mapToLong(ManifestEntry::size).sum();
            scratch.copied().addAll(files);
            matching.add(new DataCopy.Bundle(match.bundle().object(), match.suspects()));
        }
    }

    /** Whether no bundle that was taken has a file. */
    boolean isLeftToCopy(DataFile file) {
        return free.contains(Key.of(file.path()));
    }

    List<DataCopy.Bundle> matching() {
        return matching;
    }

    /** Of the files in all bundles that were taken. */
    long bytes() {
        return bytes;
    }
}
