package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DataDirectoryTest {

    private static final String BEFORE_STATUS =
            "4242\n/data\n1700000000\n5432\n/run\n127.0.0.1\n   65537         1\n";

    @TempDir Path path;

    @ParameterizedTest
    @CsvSource({"starting, true", "stopping, true", "ready, false", "standby, false"})
    void the_status_says_whether_anybody_is_let_in(String status, boolean isClosed)
            throws IOException {
        Files.writeString(
                path.resolve("postmaster.pid"), "%s%-8s\n".formatted(BEFORE_STATUS, status));

        assertThat(new DataDirectory(path).isClosedToClients()).isEqualTo(isClosed);
    }

    @Test
    void who_does_not_say_has_to_be_asked() throws IOException {
        assertThat(new DataDirectory(path).isClosedToClients()).isFalse();

        Files.writeString(path.resolve("postmaster.pid"), BEFORE_STATUS);

        assertThat(new DataDirectory(path).isClosedToClients()).isFalse();
    }
}
