package io.matriarch.archiver.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Identities that a key management service holds the key of; the client is the real one. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KmsCiphertextTest {

    private final TestKey key = TestKey.create();

    @TempDir private Path folder;
    private KmsDouble kms;

    @SuppressWarnings("NullAway.Init") // opened before each test
    KmsCiphertextTest() {}

    @BeforeAll
    static void credentials() {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    @AfterAll
    static void no_credentials() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void a_service() throws IOException {
        kms = new KmsDouble();
    }

    @AfterEach
    void close() {
        kms.close();
    }

    private IdentitySource source(byte[] ciphertext, URI endpoint) throws IOException {
        Path file = folder.resolve("identity.kms");
        Files.write(file, ciphertext);
        return new IdentitySource.Managed(
                new KmsCiphertext(file, Optional.empty(), Optional.of(endpoint)));
    }

    /** As {@code --output text --query CiphertextBlob} leaves it, and decoded. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_service_decrypts_the_identities(boolean isEncoded) throws IOException {
        byte[] blob = KmsDouble.encrypt(TestKey.file(key, TestKey.create()));
        byte[] stored = isEncoded ? Base64.getMimeEncoder().encode(blob) : blob;

        assertThat(source(stored, kms.endpoint()).load().fingerprints())
                .hasSize(2)
                .startsWith(key.fingerprint());
    }

    @Test
    void what_it_does_not_decrypt_is_told_with_the_file() throws IOException {
        IdentitySource source = source(new byte[40], kms.endpoint());

        assertThatThrownBy(source::load)
                .isInstanceOf(EncryptionException.class)
                .hasMessageContaining("identity.kms: KMS does not decrypt it")
                .hasNoCause();
    }

    @Test
    void what_it_decrypts_and_is_no_identity_is_not_repeated() throws IOException {
        IdentitySource source = source(KmsDouble.encrypt("hunter2"), kms.endpoint());

        assertThatThrownBy(source::load)
                .hasMessageContaining("decrypted by KMS: line 1 is no identity")
                .hasMessageNotContaining("hunter2");
    }

    /** A sidecar starts without it, and has the identities when the service is back. */
    @Test
    void a_service_that_is_away_is_asked_again() throws IOException {
        URI away = kms.endpoint();
        kms.close();
        Keyring keyring =
                new Keyring(Recipients.NONE, source(KmsDouble.encrypt(TestKey.file(key)), away));
        assertThatThrownBy(keyring::identities).isInstanceOf(EncryptionException.class);

        kms = new KmsDouble(away.getPort());

        assertThat(keyring.identities().fingerprints()).containsExactly(key.fingerprint());
    }
}
