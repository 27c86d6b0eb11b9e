package io.matriarch.archiver.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With all that S3Proxy does not know: checksums, encryption, tags. */
class S3MockStoreIT extends ObjectStoreContract {

    private static final String OPTIONS =
            "&checksums=when-supported&sse=s3&tags=team=shop,kind=backup";

    private static S3MockServer server;
    private final String prefix = "it/" + UUID.randomUUID();

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3MockServer.start(directory);
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Override
    protected Set<Promise> broken() {
        return Set.of(Promise.CREATION_IS_ATOMIC, Promise.AN_ABORTED_UPLOAD_LEAVES_THE_OBJECT);
    }

    @Override
    protected ObjectStore open() {
        return ObjectStore.open(server.settings(prefix, OPTIONS));
    }

    @Test
    void every_object_has_its_tags() throws IOException {
        store().putIfAbsent("small", body("x"), Metadata.NONE);
        store().putIfAbsent("large", streamed(random(20 << 20)), Metadata.NONE);

        for (String key : List.of("small", "large")) {
            assertThat(text(key, "?tagging"))
                    .as(key)
                    .contains("<Key>team</Key><Value>shop</Value>")
                    .contains("<Key>kind</Key><Value>backup</Value>");
        }
    }

    /** Of one that came in parts S3Mock does not tell it. */
    @Test
    void an_object_tells_of_its_encryption() throws IOException {
        store().putIfAbsent("small", body("x"), Metadata.NONE);

        assertThat(connection("small", "").getHeaderField("x-amz-server-side-encryption"))
                .isEqualTo("AES256");
    }

    private String text(String key, String query) throws IOException {
        try (InputStream in = connection(key, query).getInputStream()) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private URLConnection connection(String key, String query) throws IOException {
        return server.object(prefix + "/" + key, query).toURL().openConnection();
    }
}
