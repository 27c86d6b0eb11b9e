package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.BytesBody;
import io.matriarch.archiver.store.ListedObject;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * A store in S3 or a service that speaks its protocol.
 *
 * <p>Creation is conditional ({@code If-None-Match: *}) for single puts and for the completion of
 * multipart uploads. A put that is tried again may find its own earlier success; that too is {@link
 * PutOutcome.AlreadyThere}, and the caller compares.
 */
public final class S3Store implements ObjectStore {

    private static final int DELETE_AT_ONCE = 1_000;

    private final S3Client s3;
    private final String bucket;
    private final String prefix;
    private final S3Faults faults;
    private final Retry retry;

    private S3Store(S3Client s3, StoreLocation.Bucket location, Retry retry) {
        this.s3 = s3;
        this.bucket = location.bucket();
        this.prefix = location.prefix().isEmpty() ? "" : location.prefix() + "/";
        this.faults = new S3Faults(location);
        this.retry = retry;
    }

    /** Opens the store without asking it anything. */
    public static S3Store open(StoreLocation.Bucket location, StoreSettings settings) {
        try {
            return new S3Store(
                    S3Connection.open(location, settings),
                    location,
                    new Retry(settings.patience()));
        } catch (SdkClientException e) {
            throw new StoreException(
                    "cannot prepare access to " + location + ": " + e.getMessage(),
                    "name the region in the URL (…?region=eu-central-1) or in AWS_REGION",
                    false,
                    e);
        }
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        if (body instanceof BytesBody whole) {
            return putWhole(key, whole, metadata);
        }
        S3PartsUpload.Target target =
                new S3PartsUpload.Target(bucket, prefix + StoreKey.checked(key), metadata);
        try (S3PartsUpload upload = new S3PartsUpload(s3, target, body.length(), this::call)) {
            body.writeTo(upload);
            if (upload.isInOnePart()) {
                return putWhole(key, upload.firstPart(), metadata);
            }
            return upload.complete() ? new PutOutcome.Stored() : taken(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PutOutcome putWhole(String key, BytesBody body, Metadata metadata) {
        String full = prefix + StoreKey.checked(key);
        RequestBody content =
                RequestBody.fromContentProvider(
                        body::open, body.length(), "application/octet-stream");
        boolean isStored =
                call(
                        "write " + key,
                        () -> {
                            s3.putObject(
                                    p ->
                                            p.bucket(bucket)
                                                    .key(full)
                                                    .ifNoneMatch("*")
                                                    .metadata(metadata.values()),
                                    content);
                            return true;
                        },
                        fault -> S3Faults.isTaken(fault) ? Optional.of(false) : Optional.empty());
        return isStored ? new PutOutcome.Stored() : taken(key);
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
        String full = prefix + StoreKey.checked(key);
        Optional<HeadObjectResponse> found =
                call(
                        "look at " + key,
                        () -> Optional.of(s3.headObject(h -> h.bucket(bucket).key(full))),
                        S3Store::emptyIfAbsent);
        if (found.isEmpty()) {
            // A HEAD has no body: only a listing tells a missing key from a missing bucket.
            page(ListObjectsV2Request.builder().bucket(bucket).prefix(full).maxKeys(1).build());
        }
        return found.map(h ->
                new StoredObject(
                        key,
                        h.contentLength(),
                        h.lastModified(),
                        Metadata.of(h.metadata()),
                        S3Storage.described(
                                h.storageClassAsString(), h.archiveStatusAsString(), h.restore())));
    }

    @Override
    public Optional<InputStream> get(String key) {
        String full = prefix + StoreKey.checked(key);
        Optional<ResponseInputStream<GetObjectResponse>> content =
                call(
                        "read " + key,
                        () -> Optional.of(s3.getObject(g -> g.bucket(bucket).key(full))),
                        S3Store::emptyIfAbsent);
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

    private static <T> Optional<Optional<T>> emptyIfAbsent(SdkException fault) {
        return S3Faults.isAbsent(fault) ? Optional.of(Optional.empty()) : Optional.empty();
    }

    @Override
    public List<ListedObject> list(String below) {
        List<ListedObject> found = new ArrayList<>();
        for (ListObjectsV2Response page : pages(StoreKey.checkedPrefix(below), "")) {
            page.contents()
                    .forEach(o ->
                            found.add(
                                    new ListedObject(
                                            o.key().substring(prefix.length()),
                                            o.size(),
                                            o.lastModified(),
                                            S3Storage.listed(o.storageClassAsString()))));
        }
        // Directory buckets and some other services list in an order of their own.
        found.sort(Comparator.comparing(ListedObject::key));
        return List.copyOf(found);
    }

    @Override
    public List<String> listFolders(String folder) {
        int start = prefix.length() + StoreKey.checkedFolder(folder).length();
        return pages(folder, "/").stream()
                .flatMap(page -> page.commonPrefixes().stream())
                .map(CommonPrefix::prefix)
                .map(full -> full.substring(start, full.length() - 1))
                .distinct()
                .sorted()
                .toList();
    }

    private List<ListObjectsV2Response> pages(String below, String delimiter) {
        List<ListObjectsV2Response> pages = new ArrayList<>();
        ListObjectsV2Request.Builder request =
                ListObjectsV2Request.builder().bucket(bucket).prefix(prefix + below);
        if (!delimiter.isEmpty()) {
            request.delimiter(delimiter);
        }
        do {
            pages.add(page(request.build()));
            request.continuationToken(pages.getLast().nextContinuationToken());
        } while (Boolean.TRUE.equals(pages.getLast().isTruncated()));
        return pages;
    }

    private ListObjectsV2Response page(ListObjectsV2Request request) {
        return call("list the objects", () -> s3.listObjectsV2(request), _ -> Optional.empty());
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
        DeleteObjectsResponse answer =
                call(
                        "delete objects",
                        () ->
                                s3.deleteObjects(d ->
                                        d.bucket(bucket)
                                                .delete(o -> o.objects(objects).quiet(true))),
                        _ -> Optional.empty());
        if (!answer.errors().isEmpty()) {
            S3Error first = answer.errors().getFirst();
            throw new StoreException(
                    "cannot delete "
                            + answer.errors().size()
                            + " objects, among them "
                            + first.key()
                            + ": "
                            + first.code(),
                    "check that the credentials may delete, and that no object lock forbids it",
                    "InternalError".equals(first.code()) || "SlowDown".equals(first.code()),
                    null);
        }
    }

    /** Tries again what may pass; {@code expected} turns faults that are answers into answers. */
    private <T> T call(
            String act, Supplier<T> request, Function<SdkException, Optional<T>> expected) {
        return retry.call(() -> {
            try {
                return request.get();
            } catch (SdkException e) {
                return expected.apply(e).orElseThrow(() -> faults.translate(act, e));
            }
        });
    }

    @Override
    public void close() {
        s3.close();
    }
}
