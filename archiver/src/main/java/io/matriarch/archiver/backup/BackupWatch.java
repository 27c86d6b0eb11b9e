package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.repository.BackupId;

/** Whoever had a backup begun: hears how it goes, and has the last word before it exists. */
public interface BackupWatch extends TransferProgress {

    void onPhase(BackupId backup, BackupPhase phase);

    /**
     * Asked once, immediately before the mark is written.
     *
     * @throws BackupException if the backup must not be completed, as another member takes it
     */
    void checkMayComplete();

    /** Somebody who only wants to know how far it has come. */
    static BackupWatch of(TransferProgress progress) {
        return new BackupWatch() {
            @Override
            public void onPhase(BackupId backup, BackupPhase phase) {}

            @Override
            public void checkMayComplete() {}

            @Override
            public void onBytes(long done, long total) {
                progress.onBytes(done, total);
            }
        };
    }
}
