package io.matriarch.archiver.verification;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.readback.BackupContents;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.host.ScratchException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The contents of the backups that are being proven. Only a few stay open, for each takes room on
 * disk; and a manifest that is bad is not read again for each of its bundles.
 */
final class OpenBackups implements AutoCloseable {

    private static final int MOST = 4;

    private final Download download;
    private final RepositoryLayout layout;
    private final Map<BackupId, Opened> opened = new LinkedHashMap<>(MOST, 0.75f, true);

    OpenBackups(Download download, RepositoryLayout layout) {
        this.download = download;
        this.layout = layout;
    }

    /**
     * Shows what a backup holds. It stays open meanwhile.
     *
     * @throws RestoreException if the manifest is damaged, or missing
     */
    void show(BaseBackup backup, Consumer<BackupContents> seen) {
        Opened borrowed = borrow(backup.id());
        try {
            seen.accept(borrowed.contents(backup));
        } finally {
            giveBack(borrowed);
        }
    }

    private synchronized Opened borrow(BackupId backup) {
        Opened borrowed = opened.computeIfAbsent(backup, _ -> new Opened());
        borrowed.users++;
        return borrowed;
    }

    private synchronized void giveBack(Opened borrowed) {
        borrowed.users--;
        Iterator<Opened> longestUnused = opened.values().iterator();
        while (opened.size() > MOST && longestUnused.hasNext()) {
            Opened next = longestUnused.next();
            if (next.users == 0) {
                longestUnused.remove();
                next.close();
            }
        }
    }

    @Override
    public synchronized void close() {
        opened.values().forEach(Opened::close);
        opened.clear();
    }

    private final class Opened {

        private int users;
        private @Nullable BackupContents contents;
        private @Nullable RestoreException trouble;

        /** Read by whoever comes first; the others wait. */
        synchronized BackupContents contents(BaseBackup backup) {
            if (trouble != null) {
                throw trouble;
            }
            BackupContents known = contents;
            if (known == null) {
                try {
                    known = BackupContents.read(download, layout, backup);
                } catch (RestoreException e) {
                    trouble = e.getCause() instanceof ScratchException ? null : e;
                    throw e;
                }
                contents = known;
            }
            return known;
        }

        synchronized void close() {
            if (contents != null) {
                contents.close();
            }
        }
    }
}
