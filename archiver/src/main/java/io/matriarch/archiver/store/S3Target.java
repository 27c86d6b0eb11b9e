package io.matriarch.archiver.store;

/** The object that an upload is to become; the key includes the store's prefix. */
record S3Target(String bucket, String key, Metadata metadata) {}
