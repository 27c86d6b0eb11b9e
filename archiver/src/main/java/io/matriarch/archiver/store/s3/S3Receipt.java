package io.matriarch.archiver.store.s3;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * What an answer of the store tells about the content that it holds.
 *
 * @param tag the ETag
 * @param isTagNoDigest with keys of the key management service, or of the client, ETags are no
 *     digests
 */
record S3Receipt(String tag, Optional<String> crc32, boolean isTagNoDigest) {

    static S3Receipt of(PutObjectResponse answer) {
        return new S3Receipt(
                answer.eTag(),
                Optional.ofNullable(answer.checksumCRC32()),
                hasKey(answer.serverSideEncryption(), answer.sseCustomerAlgorithm()));
    }

    static S3Receipt of(UploadPartResponse answer) {
        return new S3Receipt(
                answer.eTag(),
                Optional.ofNullable(answer.checksumCRC32()),
                hasKey(answer.serverSideEncryption(), answer.sseCustomerAlgorithm()));
    }

    /** Of an object that was sent in one piece. */
    static S3Receipt of(HeadObjectResponse answer) {
        return new S3Receipt(
                answer.eTag(),
                Optional.ofNullable(answer.checksumCRC32()),
                hasKey(answer.serverSideEncryption(), answer.sseCustomerAlgorithm()));
    }

    private static boolean hasKey(
            @Nullable ServerSideEncryption encryption, @Nullable String customerAlgorithm) {
        return (encryption != null && encryption != ServerSideEncryption.AES256)
                || customerAlgorithm != null;
    }
}
