package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.BackupContents;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.repository.RepositoryLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * What a plan's backup consists of, with all that it is based on. What will be in the data
 * directory tells the backup itself; the others only have pages of it.
 */
final class ChainContents implements AutoCloseable {

    private final List<BackupContents> backups;

    private ChainContents(List<BackupContents> backups) {
        this.backups = List.copyOf(backups);
    }

    /** Reads the manifests of all of them. */
    static ChainContents read(Download download, RepositoryLayout layout, RestorePlan plan) {
        List<BackupContents> backups = new ArrayList<>();
        try {
            for (BaseBackup backup : plan.backups()) {
                backups.add(BackupContents.read(download, layout, backup));
            }
        } catch (RuntimeException e) {
            backups.forEach(BackupContents::close);
            throw e;
        }
        return new ChainContents(backups);
    }

    /** The newest first. */
    List<BackupContents> backups() {
        return backups;
    }

    /** Whether files have to be put together. */
    boolean isChain() {
        return backups.size() > 1;
    }

    private BackupContents newest() {
        return backups.getFirst();
    }

    /** Parents before children. */
    List<DataFolder> folders() {
        return newest().folders();
    }

    /** Shows all files as they will be: of one that is put together, no checksum is known. */
    void eachFile(Consumer<ManifestEntry> seen) {
        newest().eachFile(file -> seen.accept(file.isIncrement() ? file.whole("") : file));
    }

    long fileCount() {
        return newest().fileCount();
    }

    /** How much room the files take. */
    long bytes() {
        LongAdder bytes = new LongAdder();
        newest().eachFile(file -> bytes.add(file.fileBytes()));
        return bytes.sum();
    }

    /** How much room the increments take until they are put together. */
    long laidAside() {
        LongAdder bytes = new LongAdder();
        for (BackupContents backup : isChain() ? backups : List.<BackupContents>of()) {
            backup.eachFile(file -> bytes.add(file.isIncrement() ? file.size() : 0));
        }
        return bytes.sum();
    }

    /** How much is read at most. */
    long bytesToRead() {
        return backups.stream().mapToLong(BackupContents::bytes).sum();
    }

    @Override
    public void close() {
        backups.forEach(BackupContents::close);
    }
}
