package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PartLimitsTest {

    private static final long GIB = 1L << 30;

    /** Ten thousand parts hold what S3 allows of one object; a thousand hold half a terabyte. */
    @ParameterizedTest
    @CsvSource({"8, 10000, 5120", "8, 1000, 500", "5, 1000, 500", "1024, 1000, 999", "8, 100, 40"})
    void parts_of_a_body_of_unknown_length_grow_and_hold_enough(
            int firstMebibytes, int most, long gibibytes) {
        PartLimits limits = new PartLimits(firstMebibytes << 20, most);

        assertThat(held(limits, -1)).isGreaterThan(gibibytes * GIB);
    }

    /** Also when the body turns out to be a quarter longer than was said. */
    @ParameterizedTest
    @ValueSource(longs = {1, 7 << 20, 8 << 20, GIB, 77 * GIB, 300 * GIB})
    void an_object_of_known_length_never_meets_the_limit(long length) {
        PartLimits limits = new PartLimits(8 << 20, 1_000);

        assertThat(held(limits, length)).isGreaterThan(length + length / 4);
    }

    @Test
    void what_is_small_needs_little_memory() {
        assertThat(PartLimits.DEFAULT.size(0, -1)).isEqualTo(8 << 20);
        assertThat(PartLimits.DEFAULT.size(0, GIB)).isEqualTo(8 << 20);
    }

    @ParameterizedTest
    @CsvSource({"4, 1000, part-size", "1025, 1000, part-size", "8, 99, max-parts", "8, 10001, max"})
    void limits_that_no_store_has_are_refused(int firstMebibytes, int most, String named) {
        assertThatThrownBy(() -> new PartLimits(firstMebibytes << 20, most))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }

    private static long held(PartLimits limits, long length) {
        long held = 0;
        for (int number = 0; number < limits.most(); number++) {
            held += limits.size(number, length);
        }
        return held;
    }
}
