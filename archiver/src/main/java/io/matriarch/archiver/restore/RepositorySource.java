package io.matriarch.archiver.restore;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.planning.NeededObjects;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import java.util.List;

/** A repository of our own. */
public record RepositorySource(ObjectStore store, RepositoryLayout layout)
        implements RestoreSource {

    @Override
    public NeededObjects needed(RestorePlan plan) {
        return NeededObjects.of(store, layout, plan);
    }

    @Override
    public BackupFiles files(RestorePlan plan) {
        return ChainContents.read(new Download(store), layout, plan);
    }

    @Override
    public ArchivedWal wal(RestorePlan plan) {
        return new ArchivedWal(store, layout, plan.backup().server().walSegmentSize());
    }

    @Override
    public List<String> againstDelta() {
        return List.of();
    }
}
