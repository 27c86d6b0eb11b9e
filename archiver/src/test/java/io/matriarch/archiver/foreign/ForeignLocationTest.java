package io.matriarch.archiver.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ForeignLocationTest {

    @ParameterizedTest
    @CsvSource({
        "wal-g://bucket, s3://bucket",
        "wal-g://bucket/a/b, s3://bucket/a/b",
        "wal-e://bucket/a?endpoint=http://127.0.0.1:9000, s3://bucket/a?endpoint=http://127.0.0.1:9000",
        "wal-g:///srv/old, file:///srv/old"
    })
    void what_follows_is_a_bucket_or_a_directory(String url, String store) {
        ForeignLocation location = ForeignLocation.parse(url);

        assertThat(location.store()).hasToString(store);
        assertThat(location).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket/prefix",
                "wal-g",
                "wal-g://",
                "wal-g:bucket",
                "wal-g+s3://bucket",
                "wal-g://s3://bucket/prefix",
                "wal-h://bucket"
            })
    void anything_else_is_refused_with_what_is_expected(String url) {
        assertThatThrownBy(() -> ForeignLocation.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(url)
                .hasMessageContaining("expected: wal-g://bucket/prefix or wal-g:///directory");
    }
}
