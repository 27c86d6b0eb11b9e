package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalName;

/** What becomes of a group of objects, and why. */
public sealed interface Verdict {

    boolean isKept();

    /** One phrase for people. */
    String reason();

    /** Of a complete backup. */
    record OnBackup(BaseBackup backup, boolean isKept, String reason) implements Verdict {}

    /** Of what a run that never ended, or an interrupted deletion, has left. */
    record OnGarbage(BackupId folder, boolean isKept, String reason) implements Verdict {}

    /** Of WAL without a gap. */
    record OnWal(SegmentRange segments, boolean isKept, String reason) implements Verdict {}

    /** Of a partial segment, or of the label that a backup has left in the log. */
    record OnWalFile(WalName name, boolean isKept, String reason) implements Verdict {}
}
