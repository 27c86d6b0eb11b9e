package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that nobody hands us: the SDK's own chain finds them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class S3CredentialsTest {

    @TempDir private Path directory;
    private S3Double server;
    private HttpServer tokens;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start_the_services() throws IOException {
        server = S3Double.start(DoubleTraits.AMAZON);
        tokens = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        tokens.createContext(
                "/",
                exchange -> {
                    String question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                    asked.add(question);
                    byte[] answer = assumed().getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        tokens.start();
        settings().forEach(System::setProperty);
    }

    /** The answer of the token service, by its documentation. */
    private static String assumed() {
        return """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <Credentials><AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>word</SecretAccessKey>
        <SessionToken>token-of-the-role</SessionToken>
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
        </AssumeRoleResult></AssumeRoleResponse>
        """;
    }

    private Map<String, String> settings() {
        return Map.of(
                "aws.configFile",
                directory.resolve("config").toString(),
                "aws.sharedCredentialsFile",
                directory.resolve("credentials").toString(),
                "aws.disableEc2Metadata",
                "true",
                "aws.endpointUrlSts",
                "http://127.0.0.1:" + tokens.getAddress().getPort());
    }

    @AfterEach
    void stop_the_services() {
        settings().keySet().forEach(System::clearProperty);
        tokens.stop(0);
        server.close();
    }

    @Test
    void a_profile_assumes_the_role_that_it_names() throws IOException {
        Files.writeString(
                directory.resolve("config"),
                """
                [profile backup]
                region = eu-central-1
                role_arn = arn:aws:iam::1:role/backup
                source_profile = base
                """);
        Files.writeString(
                directory.resolve("credentials"),
                """
                [base]
                aws_access_key_id = BASE
                aws_secret_access_key = word
                """);

        useProfile();

        assertThat(asked)
                .singleElement()
                .asString()
                .contains("Action=AssumeRole&", "role%2Fbackup");
        assertThatTheRoleWasUsed();
    }

    /** The SDK lists its providers, with their addresses in memory. */
    @Test
    void without_a_region_it_says_so_and_no_more() {
        assumeThat(System.getenv("AWS_REGION")).isNull();

        assertThatThrownBy(() ->
                        ObjectStore.open(StoreSettings.of(StoreLocation.parse("s3://bucket/p"))))
                .hasMessage("cannot prepare access: no region for s3://bucket/p")
                .isInstanceOfSatisfying(
                        StoreException.class,
                        e ->
                                assertThat(e.hint())
                                        .contains("?region=eu-central-1", "AWS_REGION", "profile"));
    }

    @Test
    void without_credentials_it_says_so_and_no_more() {
        assumeThat(System.getenv("AWS_ACCESS_KEY_ID")).isNull();
        StoreLocation location = server.location("it", "");

        try (ObjectStore store = ObjectStore.open(StoreSettings.of(location))) {
            assertThatThrownBy(() -> store.list(""))
                    .hasMessage("cannot list the objects: no credentials for " + location)
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            e -> assertThat(e.hint()).contains("AWS_ACCESS_KEY_ID", "AWS_PROFILE"));
        }
        assertThat(server.requests()).isEmpty();
    }

    private void useProfile() {
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(server.location("it", "&profile=backup")))) {
            assertThat(store.list("")).isEmpty();
        }
    }

    private void assertThatTheRoleWasUsed() {
        assertThat(server.requests())
                .singleElement()
                .satisfies(request -> {
                    assertThat(request.header("x-amz-security-token"))
                            .contains("token-of-the-role");
                    assertThat(request.header("authorization").orElseThrow())
                            .contains("Credential=ASSUMED/");
                });
    }
}
