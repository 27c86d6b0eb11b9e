package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service whose certificate no public authority has signed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class S3CertificatesTest {

    @TempDir private static Path directory;
    private static TestCertificate certificate;
    private static TestCertificate other;
    private static S3Double server;

    @BeforeAll
    static void start_the_server() {
        certificate = TestCertificate.in(directory, "server");
        other = TestCertificate.in(directory, "other");
        server = S3Double.startSecure(DoubleTraits.AMAZON, certificate);
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Test
    void it_is_trusted_if_its_certificate_is_named() {
        try (ObjectStore store = open("&ca-file=" + certificate.pem())) {
            assertThat(store.putIfAbsent("key", Body.of("x".getBytes(UTF_8)), Metadata.NONE))
                    .isEqualTo(new PutOutcome.Stored());
            assertThat(store.head("key")).isPresent();
        }
    }

    @Test
    void it_is_not_trusted_otherwise() {
        for (String options : List.of("", "&ca-file=" + other.pem())) {
            try (ObjectStore store = open(options)) {
                assertThatThrownBy(() -> store.head("key"))
                        .isInstanceOfSatisfying(
                                StoreException.class,
                                trouble -> {
                                    assertThat(trouble).hasMessageContaining("certificate");
                                    assertThat(trouble.hint()).contains("ca-file");
                                });
            }
        }
    }

    @Test
    void a_file_without_certificates_is_named() throws IOException {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");

        for (Path file : List.of(empty, directory.resolve("missing.pem"))) {
            assertThatThrownBy(() -> open("&ca-file=" + file))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    private static ObjectStore open(String options) {
        return ObjectStore.open(
                server.settings("it", options).withPatience(Duration.ofMillis(100)));
    }
}
