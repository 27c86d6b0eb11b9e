package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.encryption.IdentitySource;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.KmsCiphertext;
import io.matriarch.archiver.store.StoreLocation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EncryptionSectionTest {

    private static final String ONE =
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    private static final String TWO =
            "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg";

    @TempDir private Path directory;

    private Section section(String encryption) throws IOException {
        Path file = directory.resolve("matriarch.yaml");
        Files.writeString(
                file, "repository: {url: \"s3://bucket\", region: eu-1" + encryption + "}\n");
        return Section.read(file);
    }

    private Keyring keyring(String encryption) throws IOException {
        Section root = section(", encryption: {" + encryption + "}");
        Keyring keyring = EncryptionSection.checkedKeyring(root);
        StoreLocation location = RepositorySection.location(root);
        root.refuseUnknown();
        assertThat(location).hasToString("s3://bucket?region=eu-1");
        return keyring;
    }

    @Test
    void without_the_section_nothing_is_encrypted() throws IOException {
        Keyring keyring = EncryptionSection.checkedKeyring(section(""));

        assertThat(keyring.isEncrypting()).isFalse();
        assertThat(keyring.isWriteOnly()).isTrue();
    }

    @Test
    void recipients_stand_in_a_list_alone_and_in_a_file() throws IOException {
        Path file = directory.resolve("recipients");
        Files.writeString(file, "# auditors\n" + TWO + "\n");

        assertThat(keyring("recipients: [" + ONE + ", " + TWO + "]").encryptedFor().orElseThrow())
                .hasSize(33);
        assertThat(keyring("recipients: " + ONE).encryptedFor().orElseThrow()).hasSize(16);
        assertThat(
                        keyring("recipients: " + ONE + ", recipients-file: " + file)
                                .encryptedFor()
                                .orElseThrow())
                .hasSize(33);
    }

    @Test
    void kms_is_not_asked_before_it_is_needed() throws IOException {
        Keyring keyring =
                keyring(
                        "identities: {kms: {file: /etc/identity.kms, region: eu-1,"
                                + " endpoint: \"http://127.0.0.1:1\"}}");

        assertThat(keyring.isWriteOnly()).isFalse();
        assertThat(keyring.source())
                .isEqualTo(
                        new IdentitySource.Managed(
                                new KmsCiphertext(
                                        Path.of("/etc/identity.kms"),
                                        Optional.of("eu-1"),
                                        Optional.of(URI.create("http://127.0.0.1:1")))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "recipients: nobody | repository.encryption: recipient: nobody (expected: age1",
                "recipients-file: /absent | recipients-file: cannot be read",
                "identities: {file: /absent} | identities: identity file /absent: no such file",
                "identities: {environment: NO_SUCH_1} | variable NO_SUCH_1: absent",
                "identities: {file: /a, environment: B} | [file, environment] (expected: one of",
                "identities: {kms: {}} | repository.encryption.identities.kms.file: absent",
                "recipient: age1 | repository.encryption.recipient: unknown"
            })
    void what_cannot_be_used_is_refused(String text, String reason) {
        assertThatThrownBy(() -> keyring(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(reason);
    }
}
