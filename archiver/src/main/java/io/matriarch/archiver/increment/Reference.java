package io.matriarch.archiver.increment;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.IncrementBase;
import io.matriarch.postgres.Lsn;
import java.util.OptionalInt;

/**
 * What a backup is incremental to.
 *
 * @param parent the backup that has the pages which this one leaves out
 * @param files of the parent
 */
public record Reference(BaseBackup parent, ParentFiles files) {

    /** No logged page has a position below this ({@code FirstNormalUnloggedLSN}). */
    private static final Lsn FIRST_LOGGED = new Lsn(1000);

    /**
     * Whether a page has to be stored. Everything that was changed before the parent's start had
     * been written out when the parent read the file: a page whose last change is older than that
     * is the same there. A page that the parent does not have, or that was never logged, is stored.
     *
     * @param block its number within the file
     * @param parentBlocks how long the file was in the parent
     * @param lsn the position of its last change
     */
    public boolean isChanged(long block, int parentBlocks, Lsn lsn) {
        return block >= parentBlocks
                || !lsn.isBefore(parent.wal().start())
                || lsn.isBefore(FIRST_LOGGED);
    }

    /** How many blocks a file had in the parent; empty if it must be stored whole. */
    public OptionalInt blocks(String path, long size) {
        return PagedFile.isOne(path, size) ? files.blocks(path) : OptionalInt.empty();
    }

    /** How the parent is named in what is incremental to it. */
    public IncrementBase base() {
        return IncrementBase.of(parent);
    }
}
