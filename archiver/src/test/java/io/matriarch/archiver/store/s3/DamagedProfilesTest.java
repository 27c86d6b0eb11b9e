package io.matriarch.archiver.store.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DamagedProfilesTest {

    private static final String CONFIG_FILE = "aws.configFile";

    @AfterEach
    void forget() {
        System.clearProperty(CONFIG_FILE);
    }

    @Test
    void who_cannot_be_understood_is_named(@TempDir Path home) throws IOException {
        Path config = Files.writeString(home.resolve("config"), "[default\nregion = eu-west-1\n");
        System.setProperty(CONFIG_FILE, config.toString());
        StoreSettings settings =
                StoreSettings.of(StoreLocation.parse("s3://archive?endpoint=http://127.0.0.1:1"))
                        .withCredentials(StoreCredentials.of("somebody", "whatever"));

        assertThatThrownBy(() -> ObjectStore.open(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(config.toString())
                .hasMessageContaining("must end with ']' on line 1");
    }
}
