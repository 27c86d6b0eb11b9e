package io.matriarch.archiver.encryption;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;

/**
 * A small file that AWS KMS has encrypted and that it alone can decrypt, for who may ask it to.
 *
 * @param file as {@code aws kms encrypt} answers, in base64 or decoded
 * @param region empty if the environment or the profile says it
 * @param endpoint empty for Amazon's own
 */
public record KmsCiphertext(Path file, Optional<String> region, Optional<URI> endpoint) {

    /** A key of KMS encrypts 4,096 bytes at most, and adds some hundred. */
    private static final long LARGEST = 16 << 10;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(25);

    /**
     * Asks KMS.
     *
     * @throws EncryptionException if the file cannot be read, or KMS does not decrypt it
     */
    String plaintext() {
        byte[] ciphertext = ciphertext();
        try (KmsClient kms = client()) {
            return kms.decrypt(
                            request -> request.ciphertextBlob(SdkBytes.fromByteArray(ciphertext)))
                    .plaintext()
                    .asString(StandardCharsets.ISO_8859_1);
        } catch (SdkException e) {
            throw new EncryptionException(
                    "identity file " + file + ": KMS does not decrypt it: " + e.getMessage(),
                    "check that KMS can be reached, its region, and that these credentials may use"
                            + " kms:Decrypt with the key that encrypted the file");
        }
    }

    private KmsClient client() {
        KmsClientBuilder builder =
                KmsClient.builder()
                        .httpClientBuilder(
                                Apache5HttpClient.builder().connectionTimeout(CONNECT_TIMEOUT))
                        .overrideConfiguration(o ->
                                o.apiCallAttemptTimeout(ATTEMPT_TIMEOUT).apiCallTimeout(TIMEOUT));
        endpoint.ifPresent(builder::endpointOverride);
        if (region.isPresent()) {
            builder.region(Region.of(region.get()));
        } else if (endpoint.isPresent()) {
            // Servers other than Amazon's take any region, but a signature needs one.
            builder.region(Region.US_EAST_1);
        }
        return builder.build();
    }

    private byte[] ciphertext() {
        try {
            if (Files.size(file) > LARGEST) {
                throw new EncryptionException(
                        "identity file " + file + ": more than " + LARGEST + " bytes",
                        "name what 'aws kms encrypt' has answered");
            }
            return decoded(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new EncryptionException(
                    "identity file " + file + ": cannot be read: " + e,
                    "name what 'aws kms encrypt' has answered");
        }
    }

    /** The command line's answer is base64; a blob is hardly ever, by chance. */
    private static byte[] decoded(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("\\s", "");
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return bytes;
        }
    }
}
