package io.matriarch.archiver.restore;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchException;
import io.matriarch.archiver.fetch.FetchOutcome;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Fetches WAL into the restore's own folder; what has a file's name there is whole. */
final class WalRestore {

    private static final int TRIES = 3;

    private final ArchivedWal archive;
    private final RestorePlan plan;
    private final RestoredFiles files;
    private final PlannedEnd end;

    WalRestore(ArchivedWal archive, RestorePlan plan, RestoredFiles files) {
        this.archive = archive;
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
            finish(name, place);
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
            byte[] content = archive.read(segment).orElseThrow(() -> missing(name));
            if (isLeftIn(segment)) {
                Arrays.fill(content, bytesOnTheWay(segment), content.length, (byte) 0);
            }
            return content;
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
                "object " + archive.key(name) + ": missing",
                "the archive has lost it; choose a target before it");
    }

    private RestoreException trouble(WalName name, FetchException e) {
        if (e.isOfThisHost()) {
            return RestoreException.ofThisHost(
                    String.valueOf(e.getMessage()),
                    e.hint() + ", then run the same restore again: it goes on",
                    e);
        }
        String reason = "object " + archive.key(name) + ": " + e.getMessage();
        return e.isLocked()
                ? RestoreException.ofThisHost(reason, e.hint(), e)
                : new RestoreException(reason, e.hint(), e);
    }

    /** The same for replay itself, which will have to come to the end of it. */
    void handOver(WalName name, Path place) {
        bring(name, place);
        finish(name, place);
    }

    private void finish(WalName name, Path place) {
        if (name instanceof WalName.Segment(var _, String text)) {
            WalSegment segment = WalSegment.parse(text, archive.segmentSize());
            try {
                if (isLeftIn(segment)) {
                    clearBehind(bytesOnTheWay(segment), segment.size().bytes(), place);
                }
                end.look(plan, segment, place);
            } catch (IOException e) {
                throw RestoredFiles.trouble(place, e);
            }
        }
    }

    /**
     * Whether the way ends within the segment: the next timeline's copy of it is not archived. The
     * server would go on through what its own timeline has left behind.
     */
    private boolean isLeftIn(WalSegment segment) {
        return plan.end().isAfter(segment.start()) && plan.end().isBefore(segment.end());
    }

    private int bytesOnTheWay(WalSegment segment) {
        return Math.toIntExact(plan.end().minus(segment.start()));
    }

    /** Zeros are the end of the log. Killed in between, it is done again. */
    private static void clearBehind(int kept, long size, Path place) throws IOException {
        try (FileChannel file = FileChannel.open(place, StandardOpenOption.WRITE)) {
            file.truncate(kept);
            int _ = file.write(ByteBuffer.allocate(1), size - 1);
            file.force(true);
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
