package io.matriarch.archiver.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SampleTest {

    @ParameterizedTest
    @CsvSource({
        "all, 1000000, 1000000",
        "100%, 1000000, 1000000",
        "5%, 1000000, 50000",
        "0.5 %, 1000, 5",
        "1%, 10, 1",
        "1MB, 2097152, 1048576",
        "2GB, 1000, 1000",
        "5%, 0, 0"
    })
    void so_much_of_so_much(String text, long all, long expected) {
        assertThat(Sample.parse(text).of(all)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "0%", "0MB", "101%", "-5%", "half", "5 %%", "1TB/s"})
    void what_is_no_sample_is_refused_with_what_is(String text) {
        assertThatThrownBy(() -> Sample.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample: " + text + " (expected: all, a size such as 20GB");
    }
}
