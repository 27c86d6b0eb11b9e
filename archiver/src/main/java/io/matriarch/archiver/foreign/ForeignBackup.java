package io.matriarch.archiver.foreign;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import java.util.List;

/**
 * A backup that can be restored.
 *
 * @param described as a plan wants it
 * @param chain the full backup first, then each increment, and this very one last
 */
record ForeignBackup(BaseBackup described, List<Link> chain) {

    /** One of a chain. */
    record Link(Sentinel sentinel, BackupParts parts) {

        BackupId id() {
            return parts.backup();
        }
    }

    ForeignBackup {
        chain = List.copyOf(chain);
    }

    BackupId id() {
        return described.id();
    }

    Link last() {
        return chain.getLast();
    }
}
