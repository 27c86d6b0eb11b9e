package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.repository.SegmentList;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a target is reached.
 *
 * @param ancestors what the backup is based on, the full one first; empty if it is a full one
 * @param timeline the one to follow
 * @param wal segments to replay, in order
 * @param end what lies behind it, also in the last segment, is of no timeline on the way
 * @param madeByReplay tablespaces that the backup does not have and a later one on the way does:
 *     replay makes them where the cluster had them
 * @param histories whose files go along, so that the restored server numbers its own timeline anew
 * @param notes what a person should know before
 */
public record RestorePlan(
        RestoreTarget target,
        BaseBackup backup,
        List<BaseBackup> ancestors,
        TimelineId timeline,
        List<WalSegment> wal,
        Lsn end,
        List<Tablespace> madeByReplay,
        List<TimelineId> histories,
        List<String> notes) {

    /** With this a note on a gap begins. */
    static final String GAP = "gap in the archived WAL: ";

    public RestorePlan {
        ancestors = List.copyOf(ancestors);
        wal = SegmentList.copyOf(wal);
        madeByReplay = List.copyOf(madeByReplay);
        histories = List.copyOf(histories);
        notes = List.copyOf(notes);
    }

    /** All backups that are needed, in the order in which they are read: the newest first. */
    public List<BaseBackup> backups() {
        List<BaseBackup> backups = new ArrayList<>(ancestors);
        backups.add(backup);
        return backups.reversed();
    }

    /** The gap before which the WAL ends, in words; empty if it goes to the end of the archive. */
    public Optional<String> gap() {
        return notes.stream().filter(note -> note.startsWith(GAP)).findFirst();
    }
}
