package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.push.ArchiveAlarm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveSectionTest {

    @TempDir private Path directory;

    private ArchiveAlarm read(String yaml) throws IOException {
        return ArchiveSection.alarm(
                Section.read(Files.writeString(directory.resolve("sidecar.yaml"), yaml)));
    }

    @Test
    void without_a_section_the_defaults_hold() throws IOException {
        assertThat(read("cluster: a"))
                .isEqualTo(ArchiveAlarm.DEFAULT)
                .isEqualTo(new ArchiveAlarm(Duration.ofMinutes(5), 10, 1L << 30));
    }

    @Test
    void every_key_is_read() throws IOException {
        assertThat(read("archive: {alarm-age: 30s, alarm-free-percent: 25, alarm-behind: 256MB}"))
                .isEqualTo(new ArchiveAlarm(Duration.ofSeconds(30), 25, 256L << 20));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    alarm-age: soon           | archive.alarm-age: soon (expected: a time such as
                    alarm-age: 0s             | archive.alarm-age: PT0S (expected: a time)
                    alarm-free-percent: 100   | archive.alarm-free-percent: 100 (expected: 0 to 99)
                    alarm-free-percent: 10 %  | archive.alarm-free-percent: 10 % (expected: a whole number)
                    alarm-behind: 1024        | archive.alarm-behind: 1024 (expected: a size such as 64MB)
                    """)
    void a_bad_value_is_told_with_what_is_expected(String yaml, String sentence) {
        assertThatThrownBy(() -> read("archive: {" + yaml + "}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(sentence);
    }
}
