package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.postgres.host.ScratchList;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a run knows of each single file, in private files: a cluster may have more of them than fit
 * into a sidecar's memory.
 *
 * @param folder where the files lie, outside the data directory
 * @param found what the scan has found
 * @param small what is copied together with other files
 * @param left what an interrupted run had copied
 * @param copied what the store has confirmed
 */
record BackupScratch(
        Path folder,
        ScratchList<DataFile> found,
        ScratchList<DataFile> small,
        ScratchList<ManifestEntry> left,
        ScratchList<ManifestEntry> copied)
        implements AutoCloseable {

    static BackupScratch in(Path folder) throws IOException {
        return new BackupScratch(
                folder,
                new ScratchList<>(folder, DataFile.CODEC),
                new ScratchList<>(folder, DataFile.CODEC),
                new ScratchList<>(folder, ManifestEntry.CODEC),
                new ScratchList<>(folder, ManifestEntry.CODEC));
    }

    @Override
    public void close() {
        found.close();
        small.close();
        left.close();
        copied.close();
    }
}
