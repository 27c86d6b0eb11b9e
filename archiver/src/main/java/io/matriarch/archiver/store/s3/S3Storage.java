package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StorageClass.Access;
import org.jspecify.annotations.Nullable;

/** What S3's words about storage classes and thawing mean. */
final class S3Storage {

    private static final String STANDARD = "STANDARD";
    private static final String INTELLIGENT = "INTELLIGENT_TIERING";

    private S3Storage() {}

    /** Of a listing, which tells the class alone: a copy may have been thawed, or moved on. */
    static StorageClass listed(@Nullable String storageClass) {
        String name = named(storageClass);
        boolean isOpen = isArchive(name) || name.equals(INTELLIGENT);
        return new StorageClass(name, isOpen ? Access.UNTOLD : Access.READABLE);
    }

    /**
     * Of a HEAD's headers.
     *
     * @param storageClass {@code x-amz-storage-class}, absent for the standard one
     * @param archiveStatus {@code x-amz-archive-status}: the archive tier that an object of the
     *     intelligent class has been moved to; absent while it is in no such tier
     * @param restore {@code x-amz-restore}: {@code ongoing-request="true"} while an object is
     *     thawed, {@code "false"} as long as the thawed copy is kept; absent before and after
     */
    static StorageClass described(
            @Nullable String storageClass,
            @Nullable String archiveStatus,
            @Nullable String restore) {
        String name = named(storageClass);
        boolean isAway = isArchive(name) || (archiveStatus != null && !archiveStatus.isEmpty());
        return new StorageClass(name, isAway ? thaw(restore) : Access.READABLE);
    }

    private static Access thaw(@Nullable String restore) {
        if (restore == null || restore.isEmpty()) {
            return Access.ARCHIVED;
        }
        return restore.contains("ongoing-request=\"false\"") ? Access.READABLE : Access.THAWING;
    }

    /** {@code GLACIER_IR} is an archive by name only: it answers at once. */
    private static boolean isArchive(String name) {
        return name.equals("GLACIER") || name.equals("DEEP_ARCHIVE");
    }

    private static String named(@Nullable String storageClass) {
        return storageClass == null || storageClass.isEmpty() ? STANDARD : storageClass;
    }
}
