package io.matriarch.archiver.s3;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * One version of an object in the double.
 *
 * @param headers metadata, encryption, storage class and checksums, as they came
 * @param restore what {@code x-amz-restore} says; empty for nothing
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record DoubleObject(
        byte[] content,
        String etag,
        Map<String, String> headers,
        String archiveStatus,
        String restore,
        Instant modified) {

    public String storageClass() {
        return headers.getOrDefault("x-amz-storage-class", "STANDARD");
    }

    /** As a lifecycle rule or a request to thaw would change it. */
    DoubleObject moved(String storageClass, String newArchiveStatus, String newRestore) {
        Map<String, String> changed = new TreeMap<>(headers);
        changed.put("x-amz-storage-class", storageClass);
        return new DoubleObject(content, etag, changed, newArchiveStatus, newRestore, modified);
    }

    boolean isReadable() {
        boolean isAway =
                storageClass().equals("GLACIER")
                        || storageClass().equals("DEEP_ARCHIVE")
                        || !archiveStatus.isEmpty();
        return !isAway || restore.contains("ongoing-request=\"false\"");
    }

    Map<String, String> described(boolean withChecksums) {
        Map<String, String> described = new TreeMap<>();
        headers.forEach((name, value) -> {
            boolean isUsual = name.equals("x-amz-storage-class") && value.equals("STANDARD");
            boolean isChecksum = name.startsWith(Digests.PREFIX);
            if (!name.equals("x-amz-tagging") && !isUsual && (withChecksums || !isChecksum)) {
                described.put(name, value);
            }
        });
        if (!archiveStatus.isEmpty()) {
            described.put("x-amz-archive-status", archiveStatus);
        }
        if (!restore.isEmpty()) {
            described.put("x-amz-restore", restore);
        }
        described.put("ETag", "\"" + etag + "\"");
        return described;
    }
}
