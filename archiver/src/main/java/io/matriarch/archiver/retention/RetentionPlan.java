package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalName;
import java.util.List;
import java.util.stream.Stream;

/**
 * A verdict on everything.
 *
 * @param verdicts backups, oldest first, then garbage, then WAL
 */
public record RetentionPlan(List<Verdict> verdicts) {

    public RetentionPlan {
        verdicts = List.copyOf(verdicts);
    }

    /** Backups that stay. */
    public List<BaseBackup> kept() {
        return of(Verdict.OnBackup.class, true).map(Verdict.OnBackup::backup).toList();
    }

    /** Backups that go. */
    public List<BaseBackup> deleted() {
        return of(Verdict.OnBackup.class, false).map(Verdict.OnBackup::backup).toList();
    }

    /** Folders without a complete backup that go. */
    public List<BackupId> garbage() {
        return of(Verdict.OnGarbage.class, false).map(Verdict.OnGarbage::folder).toList();
    }

    /** WAL that goes, the oldest of each timeline first. */
    public List<SegmentRange> wal() {
        return of(Verdict.OnWal.class, false).map(Verdict.OnWal::segments).toList();
    }

    /** Other files of the log that go. */
    public List<WalName> walFiles() {
        return of(Verdict.OnWalFile.class, false).map(Verdict.OnWalFile::name).toList();
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return verdicts.stream().allMatch(Verdict::isKept);
    }

    private <T extends Verdict> Stream<T> of(Class<T> kind, boolean kept) {
        return verdicts.stream()
                .filter(verdict -> verdict.isKept() == kept)
                .filter(kind::isInstance)
                .map(kind::cast);
    }
}
