package io.matriarch.archiver.store;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How a bucket is reached and what it is asked to do with what is put into it. {@link
 * BucketOptionTexts} says how each is written.
 *
 * @param endpoint empty for Amazon's own
 * @param region empty means the SDK's chain
 * @param isPathStyle whether the bucket is named in the path, and not in the host's name
 * @param caFile certificates in PEM, the only ones that are trusted then
 * @param profile of the SDK's configuration files
 * @param storageClass empty means the bucket's usual one
 * @param tags put on each object
 * @param checksums empty means {@code when-supported} with Amazon, {@code when-required} elsewhere
 * @param requestTimeout how long one request may take that carries little
 * @param patience how long a call that met a passing fault is tried again
 */
public record BucketOptions(
        Optional<URI> endpoint,
        Optional<String> region,
        boolean isPathStyle,
        Optional<Path> caFile,
        Optional<String> profile,
        Encryption encryption,
        Optional<String> storageClass,
        SortedMap<String, String> tags,
        PartLimits parts,
        Optional<Checksums> checksums,
        Duration requestTimeout,
        Duration patience) {

    /** When the checksums that S3 added late are sent and looked at. */
    public enum Checksums {
        /** Only where a request is invalid without one; many other servers know no more. */
        WHEN_REQUIRED,
        /** Wherever S3 knows one. */
        WHEN_SUPPORTED
    }

    public static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    public static final BucketOptions NONE =
            new BucketOptions(
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    new Encryption.AsTheBucketDoes(),
                    Optional.empty(),
                    new TreeMap<>(),
                    PartLimits.DEFAULT,
                    Optional.empty(),
                    REQUEST_TIMEOUT,
                    PATIENCE);

    private static final int MOST_TAGS = 10;
    private static final Pattern TAG = Pattern.compile("[\\p{L}\\p{N} +\\-=._:/@]*");
    private static final Pattern STORAGE_CLASS = Pattern.compile("[A-Z][A-Z0-9_]*");
    private static final Set<String> ARCHIVES = Set.of("GLACIER", "DEEP_ARCHIVE");

    public BucketOptions {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
        if (endpoint.isPresent() && !isAddress(endpoint.get())) {
            throw new IllegalArgumentException(
                    "endpoint: "
                            + endpoint.get()
                            + " (expected: http://host:port or https://host:port)");
        }
        if (caFile.isPresent() && !caFile.get().isAbsolute()) {
            throw new IllegalArgumentException(
                    "ca-file: " + caFile.get() + " (expected: an absolute path)");
        }
        storageClass.ifPresent(BucketOptions::requireReadable);
        requireTags(tags);
        if (!requestTimeout.isPositive() || patience.isNegative()) {
            throw new IllegalArgumentException(
                    "request-timeout and retry-for: "
                            + requestTimeout
                            + ", "
                            + patience
                            + " (expected: more than zero, and not negative)");
        }
    }

    private static boolean isAddress(URI endpoint) {
        boolean isHttp =
                "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        return isHttp && endpoint.getHost() != null && endpoint.getRawUserInfo() == null;
    }

    /** The catalogue and the newest WAL are read all the time. */
    private static void requireReadable(String storageClass) {
        if (!STORAGE_CLASS.matcher(storageClass).matches() || ARCHIVES.contains(storageClass)) {
            throw new IllegalArgumentException(
                    "storage-class: "
                            + storageClass
                            + " (expected: a class that is read at once, such as STANDARD_IA or"
                            + " GLACIER_IR; let a lifecycle rule of the bucket move what is old)");
        }
    }

    private static void requireTags(SortedMap<String, String> tags) {
        boolean isFine =
                tags.size() <= MOST_TAGS
                        && tags.entrySet().stream()
                                .allMatch(tag ->
                                        !tag.getKey().isEmpty()
                                                && tag.getKey().length() <= 128
                                                && tag.getValue().length() <= 256
                                                && TAG.matcher(tag.getKey()).matches()
                                                && TAG.matcher(tag.getValue()).matches());
        if (!isFine) {
            throw new IllegalArgumentException(
                    "tags: "
                            + tags
                            + " (expected: at most "
                            + MOST_TAGS
                            + ", as name=value,name=value, of letters, digits, spaces and +-=._:/@)");
        }
    }
}
