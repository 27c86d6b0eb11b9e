package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StoreLocationTest {

    @Test
    void a_bucket_is_read_with_all_its_options() {
        StoreLocation read =
                StoreLocation.parse(
                        "s3://archive/a/b/?endpoint=http://127.0.0.1:9000&path-style=true"
                                + "&region=eu-central-1");

        assertThat(read)
                .isEqualTo(
                        new StoreLocation.Bucket(
                                "archive",
                                "a/b",
                                Optional.of(URI.create("http://127.0.0.1:9000")),
                                Optional.of("eu-central-1"),
                                true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///var/backups", "/var/backups", "/var/lib/../backups/"})
    void a_directory_is_read(String text) {
        assertThat(StoreLocation.parse(text))
                .isEqualTo(new StoreLocation.Directory(Path.of("/var/backups")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://archive",
                "s3://archive/a",
                "s3://archive?region=eu-west-1",
                "s3://archive/a?endpoint=https://s3.local&path-style=true",
                "file:///var/backups"
            })
    void what_it_writes_it_reads(String text) {
        StoreLocation location = StoreLocation.parse(text);

        assertThat(location).hasToString(text);
        assertThat(StoreLocation.parse(location.toString())).isEqualTo(location);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    backups                      | expected: s3://
                    ''                           | expected: s3://
                    ftp://host/x                 | expected: s3://
                    s3:///prefix                 | expected: s3://
                    file://host/x                | expected: s3://
                    file:relative                | expected: s3://
                    s3://key:word@archive/a      | no credentials in the URL
                    s3://archive?pathstyle=true  | endpoint, path-style, region
                    s3://archive?path-style=yes  | expected: true or false
                    s3://archive?endpoint=host:1 | expected: http://host:port
                    s3://archive/a/../b          | key
                    """)
    void what_is_not_a_repository_is_refused_in_words(String text, String message) {
        assertThatThrownBy(() -> StoreLocation.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void credentials_do_not_show_themselves() {
        StoreSettings settings =
                StoreSettings.of(StoreLocation.parse("s3://archive"))
                        .withCredentials(StoreCredentials.of("the-id", "the-word"));

        assertThat(settings.toString()).contains("the-id").doesNotContain("the-word");
    }
}
