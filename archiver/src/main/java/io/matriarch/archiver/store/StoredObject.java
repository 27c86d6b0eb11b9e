package io.matriarch.archiver.store;

import io.matriarch.archiver.encryption.Keyring;
import java.time.Instant;
import java.util.Optional;

/**
 * An object as the store describes it.
 *
 * @param size in bytes
 * @param storage never {@link StorageClass.Access#UNTOLD}
 */
public record StoredObject(
        String key, long size, Instant lastModified, Metadata metadata, StorageClass storage) {

    /** Fingerprints of the keys that its content was encrypted for; empty if it does not say so. */
    public Optional<String> encryptedFor() {
        return metadata.value(Keyring.ENCRYPTED_FOR);
    }

    /** An object in the usual storage. */
    public StoredObject(String key, long size, Instant lastModified, Metadata metadata) {
        this(key, size, lastModified, metadata, StorageClass.USUAL);
    }
}
