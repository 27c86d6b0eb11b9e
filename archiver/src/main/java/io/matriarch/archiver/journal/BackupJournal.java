package io.matriarch.archiver.journal;

import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in a backup's folder that a run is at work, from where on it needs WAL, and, now and then,
 * what the store has confirmed. Every page tells the first two, so that the latest one alone tells
 * retention what must stay. Several threads may tell it of bundles.
 */
public final class BackupJournal {

    private static final Logger log = LoggerFactory.getLogger(BackupJournal.class);

    /** Their names are held in memory until a page tells of them. */
    private static final int MOST_FILES = 8_000;

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final BackupId backup;
    private final Writer writer;
    private final List<JournalPage.Bundle> untold = new ArrayList<>();
    private Optional<Lsn> start = Optional.empty();
    private final int firstPage;
    private int untoldFiles;
    private int next;
    private long due;

    /**
     * Who writes, and how often.
     *
     * @param parent the backup that this one is incremental to, which must stay
     */
    public record Writer(
            String member, TimelineId timeline, Duration every, Optional<BackupId> parent) {}

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
        this.firstPage = firstPage;
        this.next = firstPage;
        this.due = System.nanoTime() + writer.every().toNanos();
    }

    /**
     * Shows that a run begins here, before the server is asked to begin: from now on retention
     * deletes no WAL. A folder that is taken over is young again.
     *
     * @throws StoreException if it cannot be shown
     */
    public void announce() {
        put(next(), page(List.of()));
    }

    /**
     * The server has begun: retention may go on with WAL before {@code position}.
     *
     * @throws StoreException if it cannot be shown
     */
    public void began(Lsn position) {
        synchronized (this) {
            start = Optional.of(position);
        }
        put(next(), page(List.of()));
    }

    /** Nothing has begun: what was announced would hold all WAL for a day. */
    public void withdraw() {
        int end;
        synchronized (this) {
            end = next;
        }
        try {
            store.delete(
                    IntStream.range(firstPage, end)
                            .mapToObj(number -> layout.journal(backup, number))
                            .toList());
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("backup", backup)
                    .addKeyValue("error", e.getMessage())
                    .log("announcement of a backup that did not begin stays");
        }
    }

    /** The store has confirmed a bundle. */
    public void confirmed(BundleUpload.Stored bundle) {
        JournalPage page;
        int number;
        synchronized (this) {
            untold.add(new JournalPage.Bundle(bundle.object(), bundle.entries()));
            untoldFiles += bundle.entries().size();
            if (System.nanoTime() - due < 0 && untoldFiles < MOST_FILES) {
                return;
            }
            untoldFiles = 0;
            page = page(untold);
            untold.clear();
            number = next++;
            due = System.nanoTime() + writer.every().toNanos();
        }
        write(number, page);
    }

    private synchronized int next() {
        return next++;
    }

    private synchronized JournalPage page(List<JournalPage.Bundle> bundles) {
        return new JournalPage(
                JournalPage.FORMAT,
                writer.member(),
                writer.timeline(),
                start,
                bundles,
                writer.parent());
    }

    private void put(int number, JournalPage page) {
        Keyring keyring = store.keyring();
        store.putIfAbsent(
                layout.journal(backup, number),
                Body.of(page.toBytes(keyring)),
                page.isEncrypted(keyring) ? Metadata.encryptedWith(keyring) : Metadata.NONE);
    }

    /** Without its page a bundle is uploaded again if this run is killed: no reason to end it. */
    private void write(int number, JournalPage page) {
        try {
            put(number, page);
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("backup", backup)
                    .addKeyValue("error", e.getMessage())
                    .log("progress of a backup could not be noted");
        }
    }
}
