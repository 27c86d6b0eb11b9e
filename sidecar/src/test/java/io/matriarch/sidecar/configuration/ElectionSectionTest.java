package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.elector.situation.Ballot.Concession;
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
class ElectionSectionTest {

    @TempDir private Path directory;

    private Concession read(String yaml) throws IOException {
        return ElectionSection.concession(
                Section.read(Files.writeString(directory.resolve("sidecar.yaml"), yaml)));
    }

    @Test
    void without_a_section_the_defaults_hold() throws IOException {
        assertThat(read("cluster: a")).isEqualTo(new Concession(16 << 20, 2_000));
    }

    @Test
    void every_key_is_read() throws IOException {
        assertThat(read("election: {give-way: 64MB, give-way-patience: 500ms}"))
                .isEqualTo(new Concession(64 << 20, 500));
    }

    @Test
    void nothing_is_granted_with_zero() throws IOException {
        assertThat(read("election: {give-way: 0}").isNone()).isTrue();
        assertThat(read("election: {give-way-patience: 0s}").isNone()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    give-way: 1024          | election.give-way: 1024 (expected: a size such as 64MB, or 0)
                    give-way-patience: 31s  | election.give-way-patience: 31000 ms (expected: 0s to 30s)
                    give-way-patience: soon | election.give-way-patience: soon (expected: a time such as
                    """)
    void a_bad_value_is_told_with_what_is_expected(String yaml, String sentence) {
        assertThatThrownBy(() -> read("election: {" + yaml + "}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(sentence);
    }
}
