package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.backup.BackupSettings;
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
class BackupSectionTest {

    @TempDir private Path directory;

    private BackupSettings read(String yaml) throws IOException {
        Path file = Files.writeString(directory.resolve("sidecar.yaml"), "backup: {" + yaml + "}");
        return BackupSection.settings(Section.read(file).section("backup"));
    }

    @Test
    void each_key_has_its_meaning() throws IOException {
        BackupSettings read =
                read(
                        "parallel: 3, zstd-level: 9, bundle-size: 128MB, throttle: 100MB/s,"
                                + " cpu-share: 0.5");

        assertThat(read.parallel()).isEqualTo(3);
        assertThat(read.zstdLevel()).isEqualTo(9);
        assertThat(read.bundleBytes()).isEqualTo(128 << 20);
        assertThat(read.limits().bytesPerSecond()).hasValue(100 << 20);
        assertThat(read.limits().cpuShare()).hasValue(0.5);
    }

    @Test
    void what_is_not_said_is_the_default() throws IOException {
        assertThat(read("throttle: none")).isEqualTo(BackupSettings.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    throttle: 100    | backup throttle: 100 (expected: none, or a rate such as 100MB/s, 1MB/s at least)
                    throttle: 1kB/s  | backup throttle: 1024 B/s (expected: none, or a rate
                    cpu-share: 1.5   | backup cpu-share: 1.5 (expected: a share of all CPUs from 0.01 to 1)
                    parallel: many   | backup parallel: many (expected: a whole number)
                    parallel: 0      | backup parallel: 0 (expected: 1 to 64)
                    zstd-level: 22   | backup zstd-level: 22 (expected: 1 to 19)
                    bundle-size: 64  | backup bundle-size: 64 (expected: a size such as 64MB)
                    bundle-size: 1kB | backup bundle-size: 1024 (expected: at least 1MB)
                    """)
    void a_bad_value_is_told_with_what_is_expected(String yaml, String sentence) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(sentence);
    }
}
