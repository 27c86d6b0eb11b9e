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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
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
    private static S3Double server;

    @BeforeAll
    static void start_the_server() throws Exception {
        server = S3Double.startSecure(certified("server"));
        certified("other");
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    /** A key and its certificate, which is also exported as PEM. */
    private static SSLContext certified(String name)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = directory.resolve(name + ".p12");
        keytool(
                List.of("-genkeypair", "-alias", "key", "-keyalg", "EC", "-dname", "CN=" + name),
                List.of("-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12"),
                store);
        keytool(
                List.of("-exportcert", "-rfc", "-alias", "key"),
                List.of("-file", pem(name).toString()),
                store);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "password".toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "password".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(List<String> act, List<String> more, Path store)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(act);
        command.addAll(more);
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "password"));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("keytool.txt").toFile())
                        .start();
        assertThat(process.waitFor()).isZero();
    }

    private static Path pem(String name) {
        return directory.resolve(name + ".pem");
    }

    @Test
    void it_is_trusted_if_its_certificate_is_named() {
        try (ObjectStore store = open("&ca-file=" + pem("server"))) {
            assertThat(store.putIfAbsent("key", Body.of("x".getBytes(UTF_8)), Metadata.NONE))
                    .isEqualTo(new PutOutcome.Stored());
            assertThat(store.head("key")).isPresent();
        }
    }

    @Test
    void it_is_not_trusted_otherwise() {
        for (String options : List.of("", "&ca-file=" + pem("other"))) {
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
