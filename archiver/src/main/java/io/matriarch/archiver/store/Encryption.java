package io.matriarch.archiver.store;

import java.util.Optional;

/** How a bucket is asked to encrypt what is put into it. */
public sealed interface Encryption {

    /** Whatever the bucket does by itself. */
    record AsTheBucketDoes() implements Encryption {}

    /** With keys that S3 keeps (SSE-S3). */
    record WithStoreKeys() implements Encryption {}

    /**
     * With a key of the key management service (SSE-KMS).
     *
     * @param key its id or ARN; empty means the account's own key for S3
     * @param hasBucketKey whether one key a bucket, kept for a while, saves requests to the service
     */
    record WithManagedKey(Optional<String> key, boolean hasBucketKey) implements Encryption {}
}
