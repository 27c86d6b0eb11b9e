package io.matriarch.archiver.restore;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchException;
import io.matriarch.archiver.fetch.FetchOutcome;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fetches WAL into the restore's own folder; what has a file's name there is whole. */
final class WalRestore {

    private static final int TRIES = 3;

    private final ArchivedWal archive;
    private final RepositoryLayout layout;
    private final RestoredFiles files;

    WalRestore(ArchivedWal archive, RepositoryLayout layout, RestoredFiles files) {
        this.archive = archive;
        this.layout = layout;
        this.files = files;
    }

    void segment(WalSegment segment) {
        fetch(new WalName.Segment(segment.timeline(), segment.name()));
    }

    void history(TimelineId timeline) {
        fetch(new WalName.History(timeline));
    }

    private void fetch(WalName name) {
        String path = RestoreFolder.path(name.text());
        Path place = files.place(path);
        if (!Files.exists(place)) {
            fetch(name, place);
        }
        try {
            // Also of what an earlier run has fetched: it may have ended just before this.
            files.own(path, "0600");
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
    }

    private void fetch(WalName name, Path place) {
        for (int i = 1; ; i++) {
            try {
                if (archive.fetch(name, place) instanceof FetchOutcome.Absent) {
                    throw new RestoreException(
                            "object " + layout.wal(name) + ": missing",
                            "the archive has lost it; choose a target before it");
                }
                return;
            } catch (FetchException e) {
                throw new RestoreException(
                        "object " + layout.wal(name) + ": " + e.getMessage(), e.hint(), e);
            } catch (StoreException e) {
                if (!e.isTransient() || i == TRIES) {
                    throw e;
                }
            }
        }
    }
}
