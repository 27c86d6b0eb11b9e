package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.system.IdentityServices.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar's process finds credentials that nobody hands it, wherever the SDK looks for them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CredentialsIT {

    private static final String ROLE = "arn:aws:iam::123456789012:role/backup";

    @TempDir private Path home;
    private IdentityServices services;

    @BeforeEach
    void start_the_services() throws IOException {
        services = IdentityServices.start();
    }

    @AfterEach
    void stop_the_services() {
        services.close();
    }

    /** What Kubernetes sets for a service account that has a role. */
    private Map<String, String> webIdentity(Path token) {
        return Map.of(
                "AWS_ROLE_ARN",
                ROLE,
                "AWS_ROLE_SESSION_NAME",
                "node1",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                token.toString());
    }

    private StoreAsker asker(String options, Map<String, String> more) throws IOException {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HOME", home.toString());
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_ENDPOINT_URL_STS", services.url());
        environment.put("AWS_CONFIG_FILE", home.resolve("config").toString());
        environment.put("AWS_SHARED_CREDENTIALS_FILE", home.resolve("credentials").toString());
        return StoreAsker.start(services.repository(options), environment);
    }

    @Test
    void a_web_identity_is_exchanged_for_the_credentials_of_its_role() throws IOException {
        Path token = Files.writeString(home.resolve("token"), "signed-by-the-cluster");

        try (StoreAsker asker = asker("", webIdentity(token))) {
            assertThat(asker.ask()).isEmpty();
            assertThat(asker.ask()).isEmpty();
        }

        assertThat(services.questions())
                .singleElement()
                .asString()
                .contains(
                        "Action=AssumeRoleWithWebIdentity",
                        "RoleArn=" + ROLE,
                        "RoleSessionName=node1",
                        "WebIdentityToken=signed-by-the-cluster");
        assertThat(services.callers()).containsOnly(new Caller("GIVEN1", "session-1"));
    }

    @Test
    void credentials_that_end_are_exchanged_anew_with_the_token_of_then() throws IOException {
        Path token = Files.writeString(home.resolve("token"), "first-token");
        services.giveFor(Duration.ofSeconds(20));

        try (StoreAsker asker = asker("", webIdentity(token))) {
            assertThat(asker.ask()).isEmpty();
            Files.writeString(token, "second-token");
            services.giveFor(Duration.ofHours(1));
            assertThat(asker.ask()).isEmpty();
        }

        assertThat(services.questions())
                .satisfiesExactly(
                        first -> assertThat(first).contains("WebIdentityToken=first-token"),
                        second -> assertThat(second).contains("WebIdentityToken=second-token"));
        assertThat(services.callers())
                .containsExactly(
                        new Caller("GIVEN1", "session-1"), new Caller("GIVEN2", "session-2"));
    }

    @Test
    void a_container_gets_them_from_its_endpoint() throws IOException {
        Map<String, String> environment =
                Map.of(
                        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                        services.url() + "/container",
                        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                        IdentityServices.CONTAINER_TOKEN);

        try (StoreAsker asker = asker("", environment)) {
            assertThat(asker.ask()).isEmpty();
        }

        assertThat(services.questions()).containsExactly(IdentityServices.CONTAINER_TOKEN);
        assertThat(services.callers()).containsExactly(new Caller("GIVEN1", "session-1"));
    }

    @Test
    void a_profile_assumes_its_role_from_another_profile() throws IOException {
        Files.writeString(
                home.resolve("config"),
                """
                [profile backup]
                role_arn = %s
                source_profile = base
                external_id = agreed
                """
                        .formatted(ROLE));
        Files.writeString(
                home.resolve("credentials"),
                """
                [base]
                aws_access_key_id = BASE
                aws_secret_access_key = word
                """);

        try (StoreAsker asker = asker("&profile=backup", Map.of())) {
            assertThat(asker.ask()).isEmpty();
        }

        assertThat(services.questions())
                .singleElement()
                .asString()
                .contains("Action=AssumeRole&", "RoleArn=" + ROLE, "ExternalId=agreed");
        assertThat(services.callers()).containsExactly(new Caller("GIVEN1", "session-1"));
    }

    @Test
    void a_profile_takes_a_web_identity_too() throws IOException {
        Path token = Files.writeString(home.resolve("token"), "signed-by-the-cluster");
        Files.writeString(
                home.resolve("config"),
                """
                [default]
                role_arn = %s
                web_identity_token_file = %s
                """
                        .formatted(ROLE, token));

        try (StoreAsker asker = asker("", Map.of())) {
            assertThat(asker.ask()).isEmpty();
        }

        assertThat(services.questions())
                .singleElement()
                .asString()
                .contains("Action=AssumeRoleWithWebIdentity");
        assertThat(services.callers()).containsExactly(new Caller("GIVEN1", "session-1"));
    }

    /** Nothing of the outside is asked: not the instance's role either. */
    @Test
    void without_any_a_person_is_told() throws IOException {
        try (StoreAsker asker = asker("", Map.of("AWS_EC2_METADATA_DISABLED", "true"))) {
            assertThat(asker.ask()).contains("credentials");
        }

        assertThat(List.of(services.questions(), services.callers()))
                .allSatisfy(asked -> assertThat(asked).isEmpty());
    }

    @Test
    void single_sign_on_is_said_not_to_be_known() throws IOException {
        Files.writeString(
                home.resolve("config"),
                """
                [profile laptop]
                sso_session = work
                sso_account_id = 123456789012
                sso_role_name = backup
                [sso-session work]
                sso_region = eu-central-1
                sso_start_url = https://work.invalid/start
                """);

        try (StoreAsker asker = asker("&profile=laptop", Map.of())) {
            assertThat(asker.ask()).contains("credentials");
        }
    }
}
