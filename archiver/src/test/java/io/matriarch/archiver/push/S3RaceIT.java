package io.matriarch.archiver.push;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3RaceIT extends RacingWriters {

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
    ObjectStore openStore() {
        return ObjectStore.open(server.settings("race"));
    }
}
