package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.BucketOptions;
import io.matriarch.archiver.store.BucketOptions.Checksums;
import io.matriarch.archiver.store.Encryption;
import io.matriarch.archiver.store.PartLimits;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** With what objects are created, beside their content: encryption, storage class, tags. */
final class S3Writes {

    private final PartLimits parts;
    private final S3Deadline deadline;
    private final boolean hasChecksums;
    private final @Nullable ServerSideEncryption encryption;
    private final @Nullable String key;
    private final @Nullable Boolean hasBucketKey;
    private final @Nullable String storageClass;
    private final @Nullable Tagging tagging;

    S3Writes(BucketOptions options, S3Deadline deadline) {
        this.parts = options.parts();
        this.deadline = deadline;
        this.hasChecksums = S3Connection.checksums(options) == Checksums.WHEN_SUPPORTED;
        switch (options.encryption()) {
            case Encryption.AsTheBucketDoes() -> {
                this.encryption = null;
                this.key = null;
                this.hasBucketKey = null;
            }
            case Encryption.WithStoreKeys() -> {
                this.encryption = ServerSideEncryption.AES256;
                this.key = null;
                this.hasBucketKey = null;
            }
            case Encryption.WithManagedKey(Optional<String> id, boolean saves) -> {
                this.encryption = ServerSideEncryption.AWS_KMS;
                this.key = id.orElse(null);
                this.hasBucketKey = saves ? true : null;
            }
        }
        this.storageClass = options.storageClass().orElse(null);
        List<Tag> tags =
                options.tags().entrySet().stream()
                        .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                        .toList();
        this.tagging = tags.isEmpty() ? null : Tagging.builder().tagSet(tags).build();
    }

    PartLimits parts() {
        return parts;
    }

    /** How long a request may take that carries so much. */
    Consumer<AwsRequestOverrideConfiguration.Builder> carrying(long bytes) {
        return request -> request.apiCallTimeout(deadline.carrying(bytes));
    }

    /** Adds a digest too: what is damaged on the way is then refused. */
    void describe(PutObjectRequest.Builder request, S3Sent sent) {
        if (hasChecksums) {
            request.checksumCRC32(sent.checksumCrc32());
        } else {
            request.contentMD5(sent.contentMd5());
        }
        request.serverSideEncryption(encryption)
                .ssekmsKeyId(key)
                .bucketKeyEnabled(hasBucketKey)
                .storageClass(storageClass);
        if (tagging != null) {
            request.tagging(tagging);
        }
    }

    void describe(UploadPartRequest.Builder request, S3Sent sent) {
        if (hasChecksums) {
            request.checksumCRC32(sent.checksumCrc32());
        } else {
            request.contentMD5(sent.contentMd5());
        }
    }

    void describe(CreateMultipartUploadRequest.Builder request) {
        if (hasChecksums) {
            request.checksumAlgorithm(ChecksumAlgorithm.CRC32);
        }
        request.serverSideEncryption(encryption)
                .ssekmsKeyId(key)
                .bucketKeyEnabled(hasBucketKey)
                .storageClass(storageClass);
        if (tagging != null) {
            request.tagging(tagging);
        }
    }
}
