package io.matriarch.archiver.s3;

import io.matriarch.archiver.s3.DoubleReply.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The one bucket of the double.
 *
 * <p>Of conditional writes to one key that overlap, the one that ends first wins; those that it
 * overtook are told of a conflict (409), and on their next try that the key is taken (412).
 */
public class DoubleBucket {

    private static final List<String> KEPT =
            List.of(
                    "x-amz-meta-",
                    "x-amz-server-side-encryption",
                    "x-amz-storage-class",
                    "x-amz-tagging",
                    "x-amz-checksum-");

    private final DoubleTraits traits;
    private final DoubleUploads uploads;

    /** The newest version is last; a deleted object of a locked bucket ends with none. */
    private final SortedMap<String, Deque<Optional<DoubleObject>>> objects = new TreeMap<>();

    /** How often each key was written or deleted. */
    private final Map<String, Integer> changes = new HashMap<>();

    private final Set<String> undeletable = ConcurrentHashMap.newKeySet();

    private volatile BiFunction<String, byte[], byte[]> damage = (_, content) -> content;
    private volatile boolean hasOddTags;

    DoubleBucket(DoubleTraits traits) {
        this.traits = traits;
        this.uploads = new DoubleUploads(traits.parts());
    }

    /** The current version. */
    public synchronized Optional<DoubleObject> object(String key) {
        Deque<Optional<DoubleObject>> versions = objects.get(key);
        return versions == null ? Optional.empty() : versions.getLast();
    }

    /** All versions; a deletion is one of them in a locked bucket. */
    synchronized int versions(String key) {
        return objects.getOrDefault(key, new ArrayDeque<>()).size();
    }

    public synchronized Set<String> keys() {
        SortedSet<String> keys = new TreeSet<>(objects.keySet());
        keys.removeIf(key -> object(key).isEmpty());
        return keys;
    }

    /** Moves an object to another kind of storage, or changes how far it is thawed. */
    public synchronized void move(
            String key, String storageClass, String archiveStatus, String restore) {
        Deque<Optional<DoubleObject>> versions = objects.getOrDefault(key, new ArrayDeque<>());
        DoubleObject object = versions.removeLast().orElseThrow();
        versions.addLast(Optional.of(object.moved(storageClass, archiveStatus, restore)));
    }

    /** Refuses from now on to delete an object. */
    void forbidDeletion(String key) {
        undeletable.add(key);
    }

    /**
     * From now on this makes what is kept of what was sent, by its key: bytes are lost or changed
     * behind all checks of what arrives. Answers tell of what is kept.
     */
    public void damage(BiFunction<String, byte[], byte[]> makes) {
        damage = makes;
    }

    /** From now on ETags look like digests, and are none. */
    void giveOddTags() {
        hasOddTags = true;
    }

    int uploadsUnderWay() {
        return uploads.underWay();
    }

    void backdateUploads(Duration age) {
        uploads.backdate(age);
    }

    DoubleReply put(DoubleRequest request) {
        requireDigest(request);
        Map<String, String> headers = kept(request);
        byte[] content = damage.apply(request.key(), request.body());
        headers.putAll(Digests.again(Digests.verified(request), content));
        DoubleObject object =
                new DoubleObject(content, etag(content, headers), headers, "", "", Instant.now());
        create(request, object);
        return DoubleReply.empty(200, confirmed(object));
    }

    /** With keys of the key management service it is no digest of the content. */
    private String etag(byte[] content, Map<String, String> headers) {
        String encryption = headers.getOrDefault("x-amz-server-side-encryption", "");
        return hasOddTags || encryption.startsWith("aws:kms")
                ? Digests.etag(Digests.digest("SHA-1", content))
                : Digests.etag(content);
    }

    private static Map<String, String> confirmed(DoubleObject object) {
        Map<String, String> confirmed = object.described(true);
        confirmed.keySet().removeIf(name -> name.startsWith("x-amz-meta-"));
        return confirmed;
    }

    /** A version that is retained must be known to have arrived as it was sent. */
    private void requireDigest(DoubleRequest request) {
        boolean hasDigest =
                request.header("content-md5").isPresent()
                        || request.headers().keySet().stream()
                                .anyMatch(name -> name.startsWith(Digests.PREFIX));
        if (traits.isLocked() && !hasDigest) {
            throw new Refusal(
                    400,
                    "InvalidRequest",
                    "Content-MD5 or x-amz-checksum- is required with object lock");
        }
    }

    private static Map<String, String> kept(DoubleRequest request) {
        Map<String, String> headers = new TreeMap<>();
        request.headers()
                .forEach((name, value) -> {
                    if (KEPT.stream().anyMatch(name::startsWith)) {
                        headers.put(name, value);
                    }
                });
        String encryption = headers.getOrDefault("x-amz-server-side-encryption", "");
        boolean hasKey =
                headers.keySet().stream()
                        .anyMatch(name -> name.startsWith("x-amz-server-side-encryption-"));
        if (hasKey && !encryption.equals("aws:kms")) {
            throw new Refusal(400, "InvalidArgument", "a key without aws:kms");
        }
        return headers;
    }

    private synchronized void create(DoubleRequest request, DoubleObject object) {
        if (request.isConditional() && traits.honoursConditions()) {
            if (request.changesBefore() != changes(request.key())) {
                throw new Refusal(409, "ConditionalRequestConflict", "try again");
            }
            if (object(request.key()).isPresent()) {
                throw new Refusal(412, "PreconditionFailed", "If-None-Match");
            }
        }
        change(request.key(), Optional.of(object));
    }

    /** How often a key was written or deleted so far. */
    synchronized int changes(String key) {
        return changes.getOrDefault(key, 0);
    }

    private void change(String key, Optional<DoubleObject> now) {
        Deque<Optional<DoubleObject>> versions =
                objects.computeIfAbsent(key, _ -> new ArrayDeque<>());
        if (!traits.isLocked()) {
            versions.clear();
        }
        versions.addLast(now);
        changes.merge(key, 1, Integer::sum);
    }

    DoubleReply beginParts(DoubleRequest request) {
        String id = uploads.begin(request.key(), kept(request));
        return DoubleReply.xml(
                "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
                        .formatted(request.bucket(), request.key(), id));
    }

    DoubleReply putPart(DoubleRequest request) {
        requireDigest(request);
        DoubleUploads.Part part =
                uploads.add(request, damage.apply(request.key(), request.body()), hasOddTags);
        Map<String, String> headers = new TreeMap<>(part.checksums());
        headers.put("ETag", "\"" + part.etag() + "\"");
        return DoubleReply.empty(200, headers);
    }

    DoubleReply complete(DoubleRequest request) {
        DoubleUploads.Upload upload = uploads.find(request);
        DoubleObject object = DoubleUploads.assemble(upload, DoubleXml.parts(request.body()));
        create(request, object);
        uploads.end(request);
        return DoubleReply.xml(
                "<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>&quot;%s&quot;</ETag></CompleteMultipartUploadResult>"
                        .formatted(request.bucket(), request.key(), object.etag()));
    }

    DoubleReply abort(DoubleRequest request) {
        uploads.end(request);
        return DoubleReply.empty(204, Map.of());
    }

    DoubleReply listUploads(DoubleRequest request) {
        return DoubleReply.xml(
                "<ListMultipartUploadsResult><Bucket>%s</Bucket><IsTruncated>false</IsTruncated>%s</ListMultipartUploadsResult>"
                        .formatted(
                                request.bucket(),
                                uploads.list(request.query().getOrDefault("prefix", ""))));
    }

    private DoubleObject present(DoubleRequest request) {
        DoubleObject object =
                object(request.key())
                        .orElseThrow(() -> new Refusal(404, "NoSuchKey", request.key()));
        Optional<String> match = request.header("if-match").map(tag -> tag.replace("\"", ""));
        if (match.isPresent() && !match.get().equals(object.etag())) {
            throw new Refusal(412, "PreconditionFailed", "If-Match");
        }
        return object;
    }

    DoubleReply head(DoubleRequest request) {
        DoubleObject object = present(request);
        Map<String, String> headers = described(request, object);
        headers.put("Content-Length", String.valueOf(object.content().length));
        return DoubleReply.empty(200, headers);
    }

    DoubleReply get(DoubleRequest request) {
        DoubleObject object = present(request);
        if (!object.isReadable()) {
            throw new Refusal(
                    403, "InvalidObjectState", "The object's storage class must be restored first");
        }
        Map<String, String> headers = described(request, object);
        Optional<String> range = request.header("range");
        if (range.isEmpty()) {
            return new DoubleReply(200, headers, object.content());
        }
        int from = Integer.parseInt(range.get().replaceAll("bytes=([0-9]+)-", "$1"));
        int length = object.content().length;
        if (from >= length) {
            throw new Refusal(416, "InvalidRange", range.get());
        }
        headers.keySet().removeIf(name -> name.startsWith(Digests.PREFIX));
        headers.put("Content-Range", "bytes %d-%d/%d".formatted(from, length - 1, length));
        byte[] rest = Arrays.copyOfRange(object.content(), from, length);
        return new DoubleReply(206, headers, rest);
    }

    private static Map<String, String> described(DoubleRequest request, DoubleObject object) {
        boolean isAsked = request.header("x-amz-checksum-mode").equals(Optional.of("ENABLED"));
        Map<String, String> headers = object.described(isAsked);
        headers.put(
                "Last-Modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        object.modified().atOffset(ZoneOffset.UTC)));
        return headers;
    }

    synchronized DoubleReply delete(DoubleRequest request) {
        boolean hasChecksum = !Digests.verified(request).isEmpty() && traits.knowsChecksums();
        if (request.header("content-md5").isEmpty() && !hasChecksum) {
            throw new Refusal(400, "InvalidRequest", "Content-MD5 is required");
        }
        List<String> results = new ArrayList<>();
        for (String key : DoubleXml.keys(request.body())) {
            if (undeletable.contains(key)) {
                results.add(
                        "<Error><Key>%s</Key><Code>AccessDenied</Code><Message/></Error>"
                                .formatted(key));
                continue;
            }
            if (traits.isLocked()) {
                change(key, Optional.empty());
            } else {
                objects.remove(key);
                changes.merge(key, 1, Integer::sum);
            }
            results.add("<Deleted><Key>%s</Key></Deleted>".formatted(key));
        }
        return DoubleReply.xml("<DeleteResult>" + String.join("", results) + "</DeleteResult>");
    }

    synchronized DoubleReply list(DoubleRequest request) {
        String prefix = request.query().getOrDefault("prefix", "");
        String delimiter = request.query().getOrDefault("delimiter", "");
        // Of a listing that goes on, the token counts.
        String after =
                request.query()
                        .getOrDefault(
                                "continuation-token",
                                request.query().getOrDefault("start-after", ""));
        int most =
                Math.min(
                        traits.page(),
                        Integer.parseInt(request.query().getOrDefault("max-keys", "1000")));
        List<String> found = new ArrayList<>();
        String last = "";
        boolean isTruncated = false;
        for (String key : keys()) {
            if (!key.startsWith(prefix)) {
                continue;
            }
            int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            String name = end < 0 ? key : key.substring(0, end + delimiter.length());
            if (name.compareTo(after) <= 0 || name.equals(last)) {
                continue;
            }
            if (found.size() == most) {
                isTruncated = true;
                break;
            }
            last = name;
            found.add(
                    end < 0
                            ? DoubleXml.listed(key, object(key).orElseThrow())
                            : "<CommonPrefixes><Prefix>" + name + "</Prefix></CommonPrefixes>");
        }
        String next =
                isTruncated ? "<NextContinuationToken>" + last + "</NextContinuationToken>" : "";
        return DoubleReply.xml(
                "<ListBucketResult><Name>%s</Name><IsTruncated>%s</IsTruncated>%s%s</ListBucketResult>"
                        .formatted(request.bucket(), isTruncated, next, String.join("", found)));
    }
}
