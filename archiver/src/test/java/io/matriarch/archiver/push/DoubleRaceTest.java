package io.matriarch.archiver.push;

import io.matriarch.archiver.s3.DoubleTraits;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.ObjectStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class DoubleRaceTest extends RacingWriters {

    private static S3Double server;

    @BeforeAll
    static void start_the_server() {
        server = S3Double.start(DoubleTraits.AMAZON);
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Override
    ObjectStore openStore() {
        return ObjectStore.open(server.settings("race"));
    }
}
