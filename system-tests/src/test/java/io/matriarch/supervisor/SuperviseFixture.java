package io.matriarch.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Prepares one data directory for all tests of a class; each test gets a copy. */
abstract class SuperviseFixture {

    private static Path home = Path.of("/nonexistent");

    @BeforeAll
    static void prepareDataDirectory() throws IOException, InterruptedException {
        home = PostgresUser.directory();
        PostgresUser.run(
                PostgresUser.programs().resolve("initdb").toString(),
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--pgdata=" + template());
        Files.writeString(
                template().resolve("postgresql.conf"),
                """
                listen_addresses = '127.0.0.1'
                unix_socket_directories = ''
                fsync = off
                shared_buffers = 16MB
                """);
    }

    @AfterAll
    static void removeDataDirectory() throws IOException, InterruptedException {
        PostgresUser.run("rm", "-rf", home.toString());
        Files.deleteIfExists(home);
    }

    static Path template() {
        return home.resolve("template");
    }
}
