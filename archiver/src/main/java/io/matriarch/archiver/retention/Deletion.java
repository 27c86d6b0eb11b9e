package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes groups of objects, each time only after the mandate was confirmed. A refusal (of an
 * object lock, say) is noted, and the rest goes on; trouble that passes is thrown, for a later run
 * to go on.
 */
final class Deletion {

    private static final Logger log = LoggerFactory.getLogger(Deletion.class);

    private static final int BATCH = 1_000;

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final Mandate mandate;
    private final List<String> refused = new ArrayList<>();
    private long objects;

    Deletion(ObjectStore store, RepositoryLayout layout, Mandate mandate) {
        this.store = store;
        this.layout = layout;
        this.mandate = mandate;
    }

    long objects() {
        return objects;
    }

    List<String> refused() {
        return List.copyOf(refused);
    }

    /** Deletes a backup's mark; whether it is gone. */
    boolean mark(BackupId backup) {
        return delete(List.of(layout.backup(backup)));
    }

    /**
     * Deletes what is left of a backup that is off the catalogue, and its tombstone at last;
     * whether all of it is gone.
     */
    boolean folder(BackupId backup) {
        Optional<BaseBackup> completed = Backups.find(store, layout, backup);
        if (completed.isPresent()) {
            if (Backups.firstMissing(store, layout, completed.get()).isEmpty()) {
                // It was completed after all, between the look and now.
                tombstone(backup);
                return false;
            }
            // A run that was killed before its second look has marked what was being deleted.
            if (!mark(backup)) {
                return false;
            }
        }
        Batches batches = new Batches();
        store.each(Listing.of(layout.backupFolder(backup)), object -> batches.add(object.key()));
        boolean isGone = batches.end();
        if (isGone && store.head(layout.backup(backup)).isPresent()) {
            // It came after the listing; whoever made it may be dead, and never look back.
            isGone = mark(backup);
        }
        if (isGone) {
            // Who pins looks for the backup last: no pin of what is gone stays behind.
            delete(List.of(layout.pin(backup)));
            tombstone(backup);
            log.atInfo().addKeyValue("backup", backup).log("backup deleted");
        }
        return isGone;
    }

    /** Takes a tombstone away: its backup stays, or is gone. */
    void tombstone(BackupId backup) {
        delete(List.of(layout.tombstone(backup)));
    }

    /**
     * Deletes the WAL of a plan, as long as no backup has begun of which the plan knows nothing.
     *
     * @param known the folders that the plan has seen
     * @return how many segments are gone
     */
    long wal(RetentionPlan plan, Set<BackupId> known) {
        long segments = 0;
        for (SegmentRange range : plan.wal()) {
            Batches batches = new Batches();
            WalSegment segment = range.first();
            for (long i = 0; i < range.count(); i++) {
                if (i % BATCH == 0 && hasNew(known)) {
                    return segments;
                }
                batches.add(layout.segment(segment));
                segment = segment.next();
            }
            if (batches.end()) {
                segments += range.count();
                log.atInfo().addKeyValue("segments", range).log("WAL deleted");
            }
        }
        if (!hasNew(known)) {
            delete(plan.walFiles().stream().map(layout::wal).toList());
        }
        return segments;
    }

    /** A standby's backup may begin far back in the log. */
    private boolean hasNew(Set<BackupId> known) {
        Set<BackupId> newcomers = new Newcomers(store, layout).folders(known);
        if (!newcomers.isEmpty()) {
            log.atInfo()
                    .addKeyValue("backups", newcomers)
                    .log("a backup began meanwhile, the next pruning deletes the WAL");
        }
        return !newcomers.isEmpty();
    }

    private boolean delete(List<String> keys) {
        Batches batches = new Batches();
        keys.forEach(batches::add);
        return batches.end();
    }

    /** Keys that are deleted whenever there are enough of them. */
    private final class Batches {

        private final List<String> keys = new ArrayList<>();
        private boolean isGone = true;

        void add(String key) {
            keys.add(key);
            if (keys.size() == BATCH) {
                delete();
            }
        }

        /** Whether all of them are gone. */
        boolean end() {
            if (!keys.isEmpty()) {
                delete();
            }
            return isGone;
        }

        private void delete() {
            mandate.confirm();
            try {
                store.delete(keys);
                objects += keys.size();
            } catch (StoreException e) {
                if (e.isTransient()) {
                    throw e;
                }
                isGone = false;
                refused.add(e.getMessage());
                log.atError()
                        .addKeyValue("error", e.getMessage())
                        .addKeyValue("hint", e.hint())
                        .log("store refused to delete");
            }
            keys.clear();
        }
    }
}
