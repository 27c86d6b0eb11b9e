package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.BytesBody;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreKey;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A store in S3 or a service that speaks its protocol.
 *
 * <p>Creation is conditional ({@code If-None-Match: *}) for single puts and for the completion of
 * multipart uploads. A put that is tried again may find its own earlier success; that too is {@link
 * PutOutcome.AlreadyThere}, and the caller compares.
 *
 * <p>Nothing counts as stored on the word of a status alone: the digests of the answer are compared
 * with what was sent, or else what the store holds is looked at.
 */
public final class S3Store implements ObjectStore {

    private static final int DELETE_AT_ONCE = 1_000;

    /** So often a signature may not fit before it is no longer taken for damage on the way. */
    private static final int MISMATCHES = 4;

    /** How the names of buckets end that cannot begin a listing in its middle. */
    private static final String DIRECTORY_BUCKET = "--x-s3";

    private final S3Client s3;
    private final String bucket;
    private final String prefix;
    private final S3Faults faults;
    private final S3Writes writes;
    private final Retry retry;

    /** The store has answered what was signed with them. */
    private volatile boolean areKeysProven;

    private final S3Inspection inspection = new S3Inspection(this);

    private S3Store(S3Client s3, StoreLocation.Bucket location, StoreSettings settings) {
        this.s3 = s3;
        this.bucket = location.bucket();
        this.prefix = location.prefix().isEmpty() ? "" : location.prefix() + "/";
        this.faults = new S3Faults(location);
        this.writes = new S3Writes(location.options(), new S3Deadline(settings.attemptTimeout()));
        this.retry = new Retry(settings.patience());
    }

    /** Opens the store without asking it anything. */
    public static S3Store open(StoreLocation.Bucket location, StoreSettings settings) {
        try {
            return new S3Store(S3Connection.open(location, settings), location, settings);
        } catch (SdkClientException e) {
            throw new S3Faults(location).unprepared(e);
        }
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        if (body instanceof BytesBody whole) {
            return putWhole(key, whole, metadata);
        }
        S3PartsUpload.Target target =
                new S3PartsUpload.Target(
                        bucket, prefix + StoreKey.checked(key), metadata, body.length());
        try (S3PartsUpload upload =
                new S3PartsUpload(s3, target, writes, this::call, PartRoom.OF_THIS_PROCESS)) {
            body.writeTo(upload);
            if (upload.isInOnePart()) {
                return putWhole(key, upload.firstPart(), metadata);
            }
            Optional<String> tag = upload.complete();
            if (tag.isEmpty()) {
                return taken(key);
            }
            inspection.require(key, tag.get(), upload.sent(), upload.proof());
            return new PutOutcome.Stored();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PutOutcome putWhole(String key, BytesBody body, Metadata metadata) {
        S3Sent sent = S3Sent.of(body);
        RequestBody content =
                RequestBody.fromContentProvider(
                        body::open, body.length(), "application/octet-stream");
        Consumer<PutObjectRequest.Builder> request =
                p -> {
                    p.bucket(bucket)
                            .key(prefix + StoreKey.checked(key))
                            .ifNoneMatch("*")
                            .metadata(metadata.values())
                            .overrideConfiguration(writes.carrying(body.length()));
                    writes.describe(p, sent);
                };
        // What was damaged and could be removed is sent once more.
        return retry.call(() -> putOnce(key, request, content, sent));
    }

    private PutOutcome putOnce(
            String key,
            Consumer<PutObjectRequest.Builder> request,
            RequestBody content,
            S3Sent sent) {
        Optional<PutObjectResponse> stored =
                call(
                        "write " + key,
                        () -> {
                            PutObjectResponse answer = s3.putObject(request, content);
                            S3Faults.requireConfirmed("write " + key, answer.eTag());
                            return Optional.of(answer);
                        },
                        fault ->
                                S3Faults.isTaken(fault)
                                        ? Optional.of(Optional.empty())
                                        : Optional.empty());
        if (stored.isEmpty()) {
            return taken(key);
        }
        S3Receipt receipt = S3Receipt.of(stored.get());
        inspection.require(key, receipt.tag(), List.of(sent.part()), sent.proof(receipt));
        return new PutOutcome.Stored();
    }

    private PutOutcome taken(String key) {
        return new PutOutcome.AlreadyThere(
                head(key)
                        .orElseThrow(() ->
                                new StoreException(
                                        "cannot write "
                                                + key
                                                + ": the store says both that it exists and"
                                                + " that it does not",
                                        "another writer may have deleted it just now",
                                        true,
                                        null)));
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return describe(key, false)
                .map(h ->
                        new StoredObject(
                                key,
                                h.contentLength(),
                                h.lastModified(),
                                Metadata.of(h.metadata()),
                                S3Storage.described(
                                        h.storageClassAsString(),
                                        h.archiveStatusAsString(),
                                        h.restore())));
    }

    /**
     * All that the store says of an object; empty if there is none.
     *
     * @param withChecksum for which some stores want more rights
     */
    Optional<HeadObjectResponse> describe(String key, boolean withChecksum) {
        String full = prefix + StoreKey.checked(key);
        Optional<HeadObjectResponse> found =
                call(
                        "look at " + key,
                        () -> {
                            HeadObjectResponse answer =
                                    s3.headObject(h ->
                                            h.bucket(bucket)
                                                    .key(full)
                                                    .checksumMode(
                                                            withChecksum
                                                                    ? ChecksumMode.ENABLED
                                                                    : null));
                            S3Faults.requireConfirmed("look at " + key, answer.eTag());
                            return Optional.of(answer);
                        },
                        S3Store::emptyIfAbsent);
        if (found.isEmpty()) {
            // A HEAD has no body: only a listing tells a missing key from a missing bucket.
            page(ListObjectsV2Request.builder().bucket(bucket).prefix(full).maxKeys(1).build());
        }
        return found;
    }

    @Override
    public Optional<InputStream> get(String key) {
        String full = prefix + StoreKey.checked(key);
        Optional<ResponseInputStream<GetObjectResponse>> content =
                call("read " + key, () -> Optional.of(begin(key, full)), S3Store::emptyIfAbsent);
        return content.map(first ->
                new S3Download(
                        first,
                        (offset, etag) ->
                                call(
                                        "read on in " + key,
                                        () ->
                                                s3.getObject(g ->
                                                        g.bucket(bucket)
                                                                .key(full)
                                                                .ifMatch(etag)
                                                                .range("bytes=" + offset + "-")),
                                        _ -> Optional.empty())));
    }

    private ResponseInputStream<GetObjectResponse> begin(String key, String full) {
        ResponseInputStream<GetObjectResponse> content =
                s3.getObject(g -> g.bucket(bucket).key(full));
        if (content.response().eTag() == null || content.response().contentLength() == null) {
            content.abort();
            S3Faults.requireConfirmed("read " + key, null);
        }
        return content;
    }

    private static <T> Optional<Optional<T>> emptyIfAbsent(SdkException fault) {
        return S3Faults.isAbsent(fault) ? Optional.of(Optional.empty()) : Optional.empty();
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        ListObjectsV2Request.Builder request =
                ListObjectsV2Request.builder().bucket(bucket).prefix(prefix + listing.prefix());
        if (listing.isFlat()) {
            request.delimiter("/");
        }
        if (!listing.after().isEmpty() && !bucket.endsWith(DIRECTORY_BUCKET)) {
            request.startAfter(prefix + listing.after());
        }
        eachPage(
                request,
                page ->
                        page.contents().stream()
                                .map(this::listed)
                                // Not every service knows where to begin.
                                .filter(object -> listing.shows(object.key()))
                                .forEach(seen));
    }

    private ListedObject listed(S3Object object) {
        return new ListedObject(
                object.key().substring(prefix.length()),
                object.size(),
                object.lastModified(),
                S3Storage.listed(object.storageClassAsString()));
    }

    @Override
    public List<String> listFolders(String folder) {
        int start = prefix.length() + StoreKey.checkedFolder(folder).length();
        NavigableSet<String> names = new TreeSet<>();
        eachPage(
                ListObjectsV2Request.builder()
                        .bucket(bucket)
                        .prefix(prefix + folder)
                        .delimiter("/"),
                page ->
                        page.commonPrefixes().stream()
                                .map(CommonPrefix::prefix)
                                .map(full -> full.substring(start, full.length() - 1))
                                .forEach(names::add));
        return List.copyOf(names);
    }

    /** One page at a time: the SDK's objects are many times as big as what they say. */
    private void eachPage(
            ListObjectsV2Request.Builder request, Consumer<ListObjectsV2Response> seen) {
        ListObjectsV2Response page;
        do {
            page = page(request.build());
            seen.accept(page);
            request.continuationToken(page.nextContinuationToken());
        } while (Boolean.TRUE.equals(page.isTruncated()));
    }

    private ListObjectsV2Response page(ListObjectsV2Request request) {
        return call(
                "list the objects",
                () -> {
                    ListObjectsV2Response page = s3.listObjectsV2(request);
                    S3Faults.requireConfirmed("list the objects", page.isTruncated());
                    return page;
                },
                _ -> Optional.empty());
    }

    @Override
    public void delete(Collection<String> keys) {
        List<String> all = List.copyOf(keys);
        for (int i = 0; i < all.size(); i += DELETE_AT_ONCE) {
            deleteBatch(all.subList(i, Math.min(all.size(), i + DELETE_AT_ONCE)));
        }
    }

    private void deleteBatch(List<String> keys) {
        List<ObjectIdentifier> objects =
                keys.stream()
                        .map(StoreKey::checked)
                        .map(key -> ObjectIdentifier.builder().key(prefix + key).build())
                        .toList();
        call(
                "delete objects",
                () -> {
                    DeleteObjectsResponse answer =
                            s3.deleteObjects(d -> d.bucket(bucket).delete(o -> o.objects(objects)));
                    S3Faults.requireDeleted(objects.size(), answer);
                    return answer;
                },
                _ -> Optional.empty());
    }

    @Override
    public int discardUnfinished(String below, Instant before) {
        String beginning = prefix + StoreKey.checkedPrefix(below);
        List<MultipartUpload> left = new ArrayList<>();
        ListMultipartUploadsRequest.Builder request =
                ListMultipartUploadsRequest.builder().bucket(bucket).prefix(beginning);
        ListMultipartUploadsResponse page;
        do {
            ListMultipartUploadsRequest next = request.build();
            page =
                    call(
                            "list unfinished uploads",
                            () -> s3.listMultipartUploads(next),
                            _ -> Optional.empty());
            page.uploads().stream()
                    // Some servers know no prefix here.
                    .filter(upload -> upload.key().startsWith(beginning))
                    .filter(upload -> upload.initiated().isBefore(before))
                    .forEach(left::add);
            request.keyMarker(page.nextKeyMarker()).uploadIdMarker(page.nextUploadIdMarker());
        } while (Boolean.TRUE.equals(page.isTruncated()));
        left.forEach(upload ->
                S3PartsUpload.abort(s3, bucket, upload.key(), upload.uploadId(), this::call));
        return left.size();
    }

    /** Tries again what may pass; {@code expected} turns faults that are answers into answers. */
    private <T> T call(
            String act, Supplier<T> request, Function<SdkException, Optional<T>> expected) {
        AtomicInteger mismatches = new AtomicInteger();
        return retry.call(() -> {
            try {
                T answer = request.get();
                areKeysProven = true;
                return answer;
            } catch (SdkException e) {
                Optional<T> answer = expected.apply(e);
                if (answer.isPresent()) {
                    areKeysProven = true;
                    return answer.get();
                }
                if (areKeysProven
                        && e instanceof AwsServiceException refused
                        && S3Faults.isMismatch(refused)) {
                    throw faults.mismatch(act, refused, mismatches.incrementAndGet() < MISMATCHES);
                }
                throw faults.translate(act, e);
            } catch (UncheckedIOException e) {
                // The SDK lets this through when an answer breaks off in the midst of its XML.
                throw faults.translate(act, SdkClientException.create(e.getMessage(), e));
            }
        });
    }

    @Override
    public void close() {
        s3.close();
    }
}
