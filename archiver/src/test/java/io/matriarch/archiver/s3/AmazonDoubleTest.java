package io.matriarch.archiver.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.ObjectStoreContract;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With the checksums that Amazon's clients send by themselves, and listings of three keys. */
class AmazonDoubleTest extends ObjectStoreContract {

    private static S3Double server;

    @BeforeAll
    static void start_the_server() {
        server = S3Double.start(DoubleTraits.AMAZON.withPage(3));
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Override
    protected ObjectStore open() {
        return ObjectStore.open(
                server.settings("it/" + UUID.randomUUID(), "&checksums=when-supported"));
    }

    @Test
    void a_listing_of_many_pages_is_whole() {
        List<String> keys = IntStream.range(10, 30).mapToObj(i -> "many/" + i + "/x").toList();
        keys.forEach(key -> store().putIfAbsent(key, body(key), Metadata.NONE));

        assertThat(store().list("many/"))
                .extracting(ListedObject::key)
                .containsExactlyElementsOf(keys);
        assertThat(store().listFolders("many/")).hasSize(20);
    }
}
