package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.increment.IncrementShelf;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.BackupContents;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.repository.RepositoryLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a plan's backup consists of, with all that it is based on. What will be in the data
 * directory tells the backup itself; the others only have pages of it.
 */
final class ChainContents implements RestoreSource.BackupFiles {

    /** By this name the increments take room that are laid aside. */
    private static final String SHELF = RestoreFolder.FOLDER + "/increments";

    private final Download download;
    private final RestorePlan plan;
    private final List<BackupContents> backups;
    private Optional<IncrementShelf> shelf = Optional.empty();

    private ChainContents(Download download, RestorePlan plan, List<BackupContents> backups) {
        this.download = download;
        this.plan = plan;
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
        return new ChainContents(download, plan, backups);
    }

    /** Whether files have to be put together. */
    private boolean isChain() {
        return backups.size() > 1;
    }

    private BackupContents newest() {
        return backups.getFirst();
    }

    @Override
    public List<DataFolder> folders() {
        return newest().folders();
    }

    @Override
    public void eachFile(RestoreSource.SizedFile seen) {
        newest().eachFile(file -> seen.see(file.filePath(), file.fileBytes()));
        LongAdder aside = new LongAdder();
        for (BackupContents backup : isChain() ? backups : List.<BackupContents>of()) {
            backup.eachFile(file -> aside.add(file.isIncrement() ? file.size() : 0));
        }
        if (isChain()) {
            seen.see(SHELF, aside.sum());
        }
    }

    @Override
    public long fileCount() {
        return newest().fileCount();
    }

    @Override
    public long bytes() {
        LongAdder bytes = new LongAdder();
        newest().eachFile(file -> bytes.add(file.fileBytes()));
        return bytes.sum();
    }

    @Override
    public RestoreSource.Unpacking unpacking(
            RestoredFiles files, boolean isCompared, TransferProgress progress) {
        if (isChain()) {
            shelf = Optional.of(shelf(files.place(RestoreFolder.FOLDER)));
        }
        return new ChainUnpacking(
                plan,
                backups,
                shelf,
                new ChainUnpacking.Way(download, files, isCompared, progress));
    }

    private static IncrementShelf shelf(Path folder) {
        try {
            return IncrementShelf.in(folder);
        } catch (IOException e) {
            throw RestoredFiles.trouble(folder, e);
        }
    }

    @Override
    public void close() {
        shelf.ifPresent(IncrementShelf::close);
        backups.forEach(BackupContents::close);
    }
}
