package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3StoreIT extends ObjectStoreContract {

    private static S3Server server;

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3Server.start(directory);
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Override
    protected ObjectStore open() {
        return ObjectStore.open(server.settings("it/" + UUID.randomUUID()));
    }

    @Test
    void wrong_credentials_are_named() {
        StoreSettings wrong =
                server.settings("archive", "x")
                        .withCredentials(StoreCredentials.of("somebody", "else"));

        assertTrouble(wrong, "cannot list", "credentials", false);
    }

    @Test
    void a_wrong_secret_is_named() {
        StoreSettings wrong =
                server.settings("archive", "x")
                        .withCredentials(
                                StoreCredentials.of(
                                        server.credentials().accessKeyId(), "not-the-secret"));

        assertTrouble(wrong, "cannot list", "credentials", false);
    }

    @Test
    void a_missing_bucket_is_named_and_never_an_empty_answer() {
        StoreSettings wrong =
                server.settings("no-such-bucket", "x").withCredentials(server.credentials());

        assertTrouble(wrong, "no-such-bucket does not exist", "create the bucket", false);
        try (ObjectStore store = ObjectStore.open(wrong)) {
            assertThatThrownBy(() -> store.head("a")).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.get("a")).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.putIfAbsent("a", body("x"), Metadata.NONE))
                    .isInstanceOf(StoreException.class);
        }
    }

    @Test
    void an_endpoint_that_nobody_listens_on_is_named() {
        StoreSettings wrong =
                StoreSettings.of(
                                StoreLocation.parse(
                                        "s3://archive?endpoint=http://127.0.0.1:9&path-style=true"))
                        .withCredentials(StoreCredentials.of("a", "b"))
                        .withPatience(Duration.ofMillis(100));

        assertTrouble(wrong, "http://127.0.0.1:9 cannot be reached", "address and port", true);
    }

    private static void assertTrouble(
            StoreSettings settings, String message, String hint, boolean isTransient) {
        try (ObjectStore store = ObjectStore.open(settings)) {
            assertThatThrownBy(() -> store.list(""))
                    .asInstanceOf(InstanceOfAssertFactories.type(StoreException.class))
                    .satisfies(e -> {
                        assertThat(e).hasMessageContaining(message);
                        assertThat(e.hint()).contains(hint);
                        assertThat(e.isTransient()).isEqualTo(isTransient);
                    });
        }
    }
}
