package io.matriarch.archiver.restore;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchException;
import io.matriarch.archiver.fetch.FetchOutcome;
import io.matriarch.archiver.planning.RestorePlan;
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
    private final RestorePlan plan;
    private final RestoredFiles files;
    private final PlannedEnd end;

    WalRestore(
            ArchivedWal archive, RepositoryLayout layout, RestorePlan plan, RestoredFiles files) {
        this.archive = archive;
        this.layout = layout;
        this.plan = plan;
        this.files = files;
        this.end = new PlannedEnd(files);
    }

    void segment(WalSegment segment) {
        place(WalName.Segment.of(segment));
    }

    void history(TimelineId timeline) {
        place(new WalName.History(timeline));
    }

    /** Also of what an earlier run has fetched: it may have ended before that was owned. */
    private void place(WalName name) {
        Path place = files.place(RestoreFolder.path(name.text()));
        if (Files.exists(place)) {
            own(place);
            look(name, place);
            return;
        }
        for (int i = 1; ; i++) {
            try {
                handOver(name, place);
                return;
            } catch (StoreException e) {
                if (!e.isTransient() || i == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** A segment of the archive, in memory only. */
    byte[] content(WalSegment segment) {
        WalName name = WalName.Segment.of(segment);
        try {
            return archive.read(segment).orElseThrow(() -> missing(name));
        } catch (FetchException e) {
            throw trouble(name, e);
        }
    }

    /** Puts a file of the archive into {@code place}, for the server's owner. */
    private void bring(WalName name, Path place) {
        try {
            if (archive.fetch(name, place) instanceof FetchOutcome.Absent) {
                throw missing(name);
            }
        } catch (FetchException e) {
            throw trouble(name, e);
        }
        own(place);
    }

    private RestoreException missing(WalName name) {
        return new RestoreException(
                "object " + layout.wal(name) + ": missing",
                "the archive has lost it; choose a target before it");
    }

    private RestoreException trouble(WalName name, FetchException e) {
        return new RestoreException(
                "object " + layout.wal(name) + ": " + e.getMessage(), e.hint(), e);
    }

    /** The same for replay itself, which will have to come to the end of it. */
    void handOver(WalName name, Path place) {
        bring(name, place);
        look(name, place);
    }

    private void look(WalName name, Path place) {
        if (name instanceof WalName.Segment(var _, String text)) {
            try {
                end.look(plan, WalSegment.parse(text, archive.segmentSize()), place);
            } catch (IOException e) {
                throw RestoredFiles.trouble(place, e);
            }
        }
    }

    private void own(Path place) {
        try {
            files.own(place, "0600");
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
    }
}
