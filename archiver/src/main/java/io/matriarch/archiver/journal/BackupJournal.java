package io.matriarch.archiver.journal;

import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in a backup's folder what the store has confirmed, now and then. A backup that is done
 * sooner than the first page is due costs nothing. Several threads may tell it of bundles.
 */
public final class BackupJournal {

    private static final Logger log = LoggerFactory.getLogger(BackupJournal.class);

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final BackupId backup;
    private final Writer writer;
    private final List<JournalPage.Bundle> untold = new ArrayList<>();
    private int next;
    private long due;

    /** Who writes, and how often. */
    public record Writer(String member, TimelineId timeline, Duration every) {}

    /**
     * @param firstPage a number that no page of the folder has
     */
    public BackupJournal(
            ObjectStore store,
            RepositoryLayout layout,
            BackupId backup,
            Writer writer,
            int firstPage) {
        this.store = store;
        this.layout = layout;
        this.backup = backup;
        this.writer = writer;
        this.next = firstPage;
        this.due = System.nanoTime() + writer.every().toNanos();
    }

    /** The store has confirmed a bundle. */
    public void confirmed(BundleUpload.Stored bundle) {
        List<JournalPage.Bundle> page;
        int number;
        synchronized (this) {
            untold.add(new JournalPage.Bundle(bundle.object(), bundle.entries()));
            if (System.nanoTime() - due < 0) {
                return;
            }
            page = List.copyOf(untold);
            untold.clear();
            number = next++;
            due = System.nanoTime() + writer.every().toNanos();
        }
        write(number, page);
    }

    /** Shows at once that somebody is at work here: the folder is young again. */
    public void takenOver() {
        int number;
        synchronized (this) {
            number = next++;
        }
        write(number, List.of());
    }

    /** Without its page a bundle is uploaded again if this run is killed: no reason to end it. */
    private void write(int number, List<JournalPage.Bundle> bundles) {
        JournalPage page =
                new JournalPage(JournalPage.FORMAT, writer.member(), writer.timeline(), bundles);
        try {
            store.putIfAbsent(
                    layout.journal(backup, number), Body.of(page.toBytes()), Metadata.NONE);
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("backup", backup)
                    .addKeyValue("error", e.getMessage())
                    .log("progress of a backup could not be noted");
        }
    }
}
