package io.matriarch.archiver.s3;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.ObjectStoreContract;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A server that knows no checksums but Content-MD5, and a thousand parts at most. */
class PlainDoubleTest extends ObjectStoreContract {

    private static S3Double server;

    @BeforeAll
    static void start_the_server() {
        server = S3Double.start(DoubleTraits.AMAZON.withoutChecksums().withParts(1_000));
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Override
    protected ObjectStore open() {
        return ObjectStore.open(server.settings("it/" + UUID.randomUUID(), "&max-parts=1000"));
    }
}
