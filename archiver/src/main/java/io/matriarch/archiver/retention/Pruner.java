package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a retention plan. First the marks of all backups that go are deleted: from then on
 * they do not exist, and what is left of them is garbage that any later pruning removes. Then their
 * data, then WAL, oldest first. Killed anywhere, the catalogue shows whole backups only, each with
 * all its WAL.
 */
public final class Pruner {

    private static final Logger log = LoggerFactory.getLogger(Pruner.class);

    private static final int BATCH = 1_000;

    private final ObjectStore store;
    private final RepositoryLayout layout;

    public Pruner(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /**
     * Deletes what the plan says.
     *
     * @throws RepositoryException if a backup that the plan keeps is gone; nothing is deleted then
     */
    public PruneReport prune(RetentionPlan plan) {
        checkKept(plan);
        List<String> marks = plan.deleted().stream().map(it -> layout.backup(it.id())).toList();
        long objects = delete(marks);
        for (BaseBackup backup : plan.deleted()) {
            objects += deleteFolder(backup.id());
            log.atInfo().addKeyValue("backup", backup.id()).log("backup deleted");
        }
        for (BackupId folder : plan.garbage()) {
            objects += deleteFolder(folder);
            log.atInfo().addKeyValue("backup", folder).log("incomplete backup deleted");
        }
        long segments = 0;
        for (SegmentRange range : plan.wal()) {
            segments += deleteWal(range);
        }
        return new PruneReport(
                plan.deleted().size(), plan.garbage().size(), segments, objects + segments);
    }

    /** The plan may be old: what it relies on must still be there. */
    private void checkKept(RetentionPlan plan) {
        boolean deletes = !plan.isEmpty();
        for (BaseBackup backup : plan.kept()) {
            if (deletes && store.head(layout.backup(backup.id())).isEmpty()) {
                throw new RepositoryException(
                        "backup " + backup.id() + ": gone, though the plan keeps it",
                        "somebody else deletes backups; make a new plan");
            }
        }
        if (plan.kept().isEmpty() && !(plan.deleted().isEmpty() && plan.wal().isEmpty())) {
            throw new RepositoryException(
                    "retention plan keeps no backup (expected: at least one)",
                    "this is an error of this program; nothing was deleted");
        }
    }

    private long deleteFolder(BackupId backup) {
        return delete(
                store.list(layout.backupFolder(backup)).stream().map(ListedObject::key).toList());
    }

    private long deleteWal(SegmentRange range) {
        List<String> keys = new ArrayList<>();
        WalSegment segment = range.first();
        for (long i = 0; i < range.count(); i++) {
            keys.add(layout.segment(segment));
            segment = segment.next();
        }
        log.atInfo().addKeyValue("segments", range).log("WAL deleted");
        return delete(keys);
    }

    private long delete(List<String> keys) {
        for (int from = 0; from < keys.size(); from += BATCH) {
            store.delete(keys.subList(from, Math.min(keys.size(), from + BATCH)));
        }
        return keys.size();
    }
}
