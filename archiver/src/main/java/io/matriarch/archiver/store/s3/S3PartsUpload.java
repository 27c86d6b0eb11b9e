package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.BytesBody;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.s3.S3Sent.Proof;
import java.io.OutputStream;
import java.util.ArrayList;
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
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Gathers what is written into parts and sends each when it is full. What fits into the first part
 * is never sent from here: a single put is cheaper.
 *
 * <p>Closing without {@link #complete} gives up the upload, so that no parts are left behind.
 */
final class S3PartsUpload extends OutputStream {

    /**
     * The object that an upload is to become.
     *
     * @param key includes the store's prefix
     * @param length as far as it is known, else -1
     */
    record Target(String bucket, String key, Metadata metadata, long length) {}

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

    /** A part is held in such pieces: an array that grew would be there twice while it does. */
    private static final int PIECE = 128 << 10;

    private final S3Client s3;
    private final Target target;
    private final S3Writes writes;
    private final Requests store;
    private final PartRoom room;
    private final List<CompletedPart> parts = new ArrayList<>();
    private final List<byte[]> pieces = new ArrayList<>();
    private int filled;
    private int reserved;
    private final List<S3Sent.Part> sent = new ArrayList<>();
    private boolean isDoubtful;
    private Optional<String> uploadId = Optional.empty();

    S3PartsUpload(S3Client s3, Target target, S3Writes writes, Requests store, PartRoom room) {
        this.s3 = s3;
        this.target = target;
        this.writes = writes;
        this.store = store;
        this.room = room;
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
            int limit = writes.parts().size(parts.size(), target.length());
            if (filled == limit) {
                sendPart();
                continue;
            }
            makeRoom(limit);
            int at = filled % PIECE;
            int fits = Math.min(Math.min(limit - filled, PIECE - at), end - position);
            System.arraycopy(bytes, position, piece(filled / PIECE), at, fits);
            filled += fits;
            position += fits;
        }
    }

    /** What was reserved stays ours from part to part, unless it is wanted, or too little. */
    private void makeRoom(int part) {
        if (part <= reserved) {
            return;
        }
        if (part > room.most()) {
            throw tooLargeForMemory(part);
        }
        giveBack();
        try {
            room.reserve(part);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(
                    "cannot write " + target.key() + ": interrupted", "try it again", true, e);
        }
        reserved = part;
    }

    private void giveBack() {
        pieces.clear();
        room.release(reserved);
        reserved = 0;
    }

    private byte[] piece(int index) {
        if (index == pieces.size()) {
            pieces.add(new byte[PIECE]);
        }
        return pieces.get(index);
    }

    private void sendPart() {
        String id = uploadId.orElseGet(this::begin);
        uploadId = Optional.of(id);
        int number = parts.size() + 1;
        if (number > writes.parts().most()) {
            throw tooLarge();
        }
        String act = "write part " + number + " of " + target.key();
        BytesBody part = firstPart();
        S3Sent carried = S3Sent.of(part);
        RequestBody content =
                RequestBody.fromContentProvider(part::open, filled, "application/octet-stream");
        UploadPartResponse answer =
                store.call(
                        act,
                        () -> {
                            UploadPartResponse confirmed =
                                    s3.uploadPart(
                                            p -> {
                                                p.bucket(target.bucket())
                                                        .key(target.key())
                                                        .uploadId(id)
                                                        .partNumber(number)
                                                        .overrideConfiguration(
                                                                writes.carrying(filled));
                                                writes.describe(p, carried);
                                            },
                                            content);
                            S3Faults.requireConfirmed(act, confirmed.eTag());
                            requireUndamaged(act, carried, confirmed);
                            return confirmed;
                        },
                        _ -> Optional.empty());
        isDoubtful |= carried.proof(S3Receipt.of(answer)) == Proof.DOUBTFUL;
        parts.add(completed(number, answer));
        sent.add(carried.part());
        filled = 0;
        if (room.isWanted()) {
            giveBack();
        }
    }

    /** The part can be sent again, under the same number. */
    private static void requireUndamaged(String act, S3Sent carried, UploadPartResponse answer) {
        if (carried.proof(S3Receipt.of(answer)) == Proof.OTHER) {
            throw new StoreException(
                    "cannot " + act + ": the store has another checksum than what was sent",
                    "the store, or something before it, damages what it is sent: look at its health",
                    true,
                    null);
        }
    }

    /** With a checksum, the store wants to hear it again with the list of parts. */
    private static CompletedPart completed(int number, UploadPartResponse answer) {
        return CompletedPart.builder()
                .partNumber(number)
                .eTag(answer.eTag())
                .checksumCRC32(answer.checksumCRC32())
                .checksumCRC32C(answer.checksumCRC32C())
                .checksumCRC64NVME(answer.checksumCRC64NVME())
                .checksumSHA1(answer.checksumSHA1())
                .checksumSHA256(answer.checksumSHA256())
                .build();
    }

    private StoreException tooLarge() {
        return new StoreException(
                "object: "
                        + target.key()
                        + " needs more than "
                        + writes.parts().most()
                        + " parts (sent: "
                        + sent.stream().mapToLong(S3Sent.Part::length).sum()
                        + " bytes)",
                "raise part-size, or max-parts if the store allows more",
                false,
                null);
    }

    private StoreException tooLargeForMemory(int part) {
        return new StoreException(
                "object: "
                        + target.key()
                        + " needs parts of "
                        + part
                        + " bytes (expected: at most "
                        + room.most()
                        + ", for which the heap of this process has room)",
                "lower part-size, or raise max-parts if the store allows more; or give this"
                        + " process more memory, as with MATRIARCH_JAVA_OPTS=-Xmx"
                        + (Math.ceilDiv(2L * part, 1 << 20) + 64)
                        + "m",
                false,
                null);
    }

    private String begin() {
        String act = "begin to write " + target.key();
        return store.call(
                act,
                () -> {
                    String id =
                            s3.createMultipartUpload(
                                            c -> {
                                                c.bucket(target.bucket())
                                                        .key(target.key())
                                                        .metadata(target.metadata().values());
                                                writes.describe(c);
                                            })
                                    .uploadId();
                    S3Faults.requireConfirmed(act, id);
                    return id;
                },
                _ -> Optional.empty());
    }

    boolean isInOnePart() {
        return uploadId.isEmpty();
    }

    BytesBody firstPart() {
        return new BytesBody(pieces, filled);
    }

    /**
     * Creates the object from the parts. Whether the store has all of it must be looked at then: an
     * error may hide in an answer with status 200.
     *
     * @return the tag of the object; empty if the key was taken
     */
    Optional<String> complete() {
        sendPart();
        String id = uploadId.orElseThrow();
        Optional<String> tag =
                store.call(
                        "write " + target.key(),
                        () -> {
                            CompleteMultipartUploadResponse answer =
                                    s3.completeMultipartUpload(c ->
                                            c.bucket(target.bucket())
                                                    .key(target.key())
                                                    .uploadId(id)
                                                    .ifNoneMatch("*")
                                                    .multipartUpload(m -> m.parts(parts)));
                            S3Faults.requireConfirmed("write " + target.key(), answer.eTag());
                            return Optional.of(answer.eTag());
                        },
                        // An upload that is gone was completed by an earlier try.
                        fault ->
                                S3Faults.isTaken(fault) || S3Faults.isAbsent(fault)
                                        ? Optional.of(Optional.empty())
                                        : Optional.empty());
        if (tag.isPresent()) {
            uploadId = Optional.empty();
        }
        return tag;
    }

    /** The parts that were sent, in their order. */
    List<S3Sent.Part> sent() {
        return sent;
    }

    /** What the answers to the parts prove of the whole: that a part is not lost they do not. */
    Proof proof() {
        return isDoubtful ? Proof.DOUBTFUL : Proof.NONE;
    }

    @Override
    public void close() {
        giveBack();
        uploadId.ifPresent(this::giveUp);
        uploadId = Optional.empty();
    }

    /** Must not hide why the upload is given up. */
    private void giveUp(String id) {
        try {
            abort(s3, target.bucket(), target.key(), id, store);
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("object", target.key())
                    .addKeyValue("error", e.getMessage())
                    .log("parts of an upload were left behind");
        }
    }

    /** Ends an upload and removes its parts; one that has ended already counts as ended. */
    static void abort(S3Client s3, String bucket, String key, String id, Requests store) {
        store.call(
                "give up writing " + key,
                () -> s3.abortMultipartUpload(a -> a.bucket(bucket).key(key).uploadId(id)),
                fault ->
                        S3Faults.isAbsent(fault)
                                ? Optional.of(AbortMultipartUploadResponse.builder().build())
                                : Optional.empty());
    }
}
