package io.matriarch.archiver.bundle;

/** Hears how far a backup or restore has come. Called from several threads; must be quick. */
@FunctionalInterface
public interface TransferProgress {

    TransferProgress SILENT = (done, total) -> {};

    /**
     * @param done bytes of files behind us
     * @param total bytes of files in all, as known at the beginning
     */
    void onBytes(long done, long total);
}
