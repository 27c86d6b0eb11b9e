package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.BytesBody;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Gathers what is written into parts and sends each when it is full. What fits into the first part
 * is never sent from here: a single put is cheaper.
 *
 * <p>Closing without {@link #complete} gives up the upload, so that no parts are left behind. Parts
 * grow with their number (each seven hundred double them, beginning with 8 MiB) and with a known
 * length: ten thousand, S3's limit, are never met below its limit of object size.
 */
final class S3PartsUpload extends OutputStream {

    /** The object that an upload is to become; the key includes the store's prefix. */
    record Target(String bucket, String key, Metadata metadata) {}

    /** Sends one request, with the store's patience. */
    @FunctionalInterface
    interface Requests {

        /**
         * @param expected turns faults that are answers into answers
         * @throws StoreException for all others
         */
        <T> T call(String act, Supplier<T> request, Function<SdkException, Optional<T>> expected);
    }

    private static final Logger log = LoggerFactory.getLogger(S3PartsUpload.class);

    static final int FIRST_PART = 8 << 20;
    private static final int PARTS_OF_ONE_SIZE = 700;
    private static final long PARTS_PLANNED = 8_000;
    private static final int LARGEST_PART = 1 << 30;

    private final S3Client s3;
    private final Target target;
    private final Requests store;
    private final long plannedPart;
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] buffer;
    private int filled;
    private long sent;
    private Optional<String> uploadId = Optional.empty();

    S3PartsUpload(S3Client s3, Target target, long length, Requests store) {
        this.s3 = s3;
        this.target = target;
        this.store = store;
        this.plannedPart = length / PARTS_PLANNED + 1;
        this.buffer = new byte[Math.min(partSize(0, plannedPart), 1 << 16)];
    }

    /** The size of the part after {@code number} others. */
    static int partSize(int number, long planned) {
        long grown = (long) FIRST_PART << Math.min(number / PARTS_OF_ONE_SIZE, 16);
        return (int) Math.min(Math.max(grown, planned), LARGEST_PART);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int position = offset;
        int end = offset + length;
        while (position < end) {
            int limit = partSize(parts.size(), plannedPart);
            if (filled == limit) {
                sendPart();
                continue;
            }
            int fits = Math.min(limit - filled, end - position);
            makeRoom(fits, limit);
            System.arraycopy(bytes, position, buffer, filled, fits);
            filled += fits;
            position += fits;
        }
    }

    private void makeRoom(int more, int limit) {
        if (filled + more > buffer.length) {
            long doubled = Math.max(2L * buffer.length, filled + more);
            buffer = Arrays.copyOf(buffer, (int) Math.min(doubled, limit));
        }
    }

    private void sendPart() {
        String id = uploadId.orElseGet(this::begin);
        uploadId = Optional.of(id);
        int number = parts.size() + 1;
        UploadPartResponse answer =
                store.call(
                        "write part " + number + " of " + target.key(),
                        () ->
                                s3.uploadPart(
                                        p ->
                                                p.bucket(target.bucket())
                                                        .key(target.key())
                                                        .uploadId(id)
                                                        .partNumber(number),
                                        RequestBody.fromContentProvider(
                                                () -> new ByteArrayInputStream(buffer, 0, filled),
                                                filled,
                                                "application/octet-stream")),
                        _ -> Optional.empty());
        parts.add(CompletedPart.builder().partNumber(number).eTag(answer.eTag()).build());
        sent += filled;
        filled = 0;
    }

    private String begin() {
        return store.call(
                "begin to write " + target.key(),
                () ->
                        s3.createMultipartUpload(c ->
                                        c.bucket(target.bucket())
                                                .key(target.key())
                                                .metadata(target.metadata().values()))
                                .uploadId(),
                _ -> Optional.empty());
    }

    boolean isInOnePart() {
        return uploadId.isEmpty();
    }

    BytesBody firstPart() {
        return new BytesBody(buffer, filled);
    }

    /**
     * Creates the object from the parts, and looks whether the store has all of it: an error may
     * hide in an answer with status 200.
     *
     * @return false if the key was taken
     */
    boolean complete() {
        sendPart();
        String id = uploadId.orElseThrow();
        boolean isCreated =
                store.call(
                        "write " + target.key(),
                        () -> {
                            s3.completeMultipartUpload(c ->
                                    c.bucket(target.bucket())
                                            .key(target.key())
                                            .uploadId(id)
                                            .ifNoneMatch("*")
                                            .multipartUpload(m -> m.parts(parts)));
                            return true;
                        },
                        // An upload that is gone was completed by an earlier try.
                        fault ->
                                S3Faults.isTaken(fault) || S3Faults.isAbsent(fault)
                                        ? Optional.of(false)
                                        : Optional.empty());
        if (isCreated) {
            uploadId = Optional.empty();
            checkSize();
        }
        return isCreated;
    }

    private void checkSize() {
        long stored =
                store.call(
                        "look at " + target.key(),
                        () ->
                                s3.headObject(h -> h.bucket(target.bucket()).key(target.key()))
                                        .contentLength(),
                        _ -> Optional.empty());
        if (stored != sent) {
            throw new StoreException(
                    "object: "
                            + target.key()
                            + " has "
                            + stored
                            + " bytes (expected: "
                            + sent
                            + ")",
                    "the store has lost a part; look at its health",
                    false,
                    null);
        }
    }

    @Override
    public void close() {
        uploadId.ifPresent(this::giveUp);
        uploadId = Optional.empty();
    }

    /** Must not hide why the upload is given up. */
    private void giveUp(String id) {
        try {
            abort(id);
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("object", target.key())
                    .addKeyValue("error", e.getMessage())
                    .log("parts of an upload were left behind");
        }
    }

    private void abort(String id) {
        store.call(
                "give up writing " + target.key(),
                () ->
                        s3.abortMultipartUpload(
                                a -> a.bucket(target.bucket()).key(target.key()).uploadId(id)),
                fault ->
                        S3Faults.isAbsent(fault)
                                ? Optional.of(AbortMultipartUploadResponse.builder().build())
                                : Optional.empty());
    }
}
