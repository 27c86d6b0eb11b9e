package io.matriarch.archiver.store;

/**
 * What kind of storage an object lies in, and whether the store hands it out at once. Buckets may
 * move what is old into an archive, from which it must be thawed before it can be read.
 *
 * @param name as the store calls it, such as {@code STANDARD} or {@code DEEP_ARCHIVE}
 */
public record StorageClass(String name, Access access) {

    /** Whether the content can be had. */
    public enum Access {
        /** At once. */
        READABLE,
        /** Only after somebody has asked the store to thaw it, which takes minutes to days. */
        ARCHIVED,
        /** Somebody has asked for it; it cannot be read yet. */
        THAWING,
        /** A listing does not say; {@link ObjectStore#head} does. */
        UNTOLD
    }

    /** What every object lies in, as long as nobody has asked for another. */
    public static final StorageClass USUAL = new StorageClass("STANDARD", Access.READABLE);

    public boolean isReadable() {
        return access == Access.READABLE;
    }
}
