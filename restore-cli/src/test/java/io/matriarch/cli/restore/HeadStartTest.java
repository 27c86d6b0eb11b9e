package io.matriarch.cli.restore;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HeadStartTest {

    /** A restore would go on without it, and be slower: only a test can tell. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_loaded_can_be_loaded_without_a_store(boolean isInBucket) {
        assertThatCode(() -> HeadStart.load(isInBucket)).doesNotThrowAnyException();
    }
}
