package io.matriarch.archiver.bundle;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.increment.Reference;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What all bundles of a backup have in common.
 *
 * @param root the data directory
 * @param keyring for whom they are encrypted
 * @param threads that may help with a big file
 * @param verifiesPages whether the cluster has page checksums
 * @param reference what the backup is incremental to; empty for a full one
 * @param bytesRead hears of bytes as they are read
 */
public record BundleSource(
        Path root,
        TarOwner owner,
        Keyring keyring,
        int zstdLevel,
        CompressorThreads threads,
        boolean verifiesPages,
        Optional<Reference> reference,
        BytesRead bytesRead) {

    /** Hears of bytes as they are read; called from several threads. */
    @FunctionalInterface
    public interface BytesRead {
        void onBytes(long bytes);
    }
}
