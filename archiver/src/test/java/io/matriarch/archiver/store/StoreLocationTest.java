package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StoreLocationTest {

    private static final BucketOptions EVERY_OPTION =
            new BucketOptions(
                    Optional.of(URI.create("https://s3.local:9000")),
                    Optional.of("eu-central-1"),
                    true,
                    Optional.of(Path.of("/etc/ca.pem")),
                    Optional.of("backup"),
                    new Encryption.WithManagedKey(
                            Optional.of("arn:aws:kms:eu-central-1:1:key/k"), true),
                    Optional.of("STANDARD_IA"),
                    new TreeMap<>(Map.of("team", "shop", "kind", "a copy")),
                    new PartLimits(16 << 20, 1_000),
                    Optional.of(BucketOptions.Checksums.WHEN_SUPPORTED),
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(1));

    @Test
    void a_bucket_is_read_with_all_its_options() {
        assertThat(
                        StoreLocation.parse(
                                "s3://archive/a/b/?endpoint=https://s3.local:9000&path-style=true"
                                        + "&region=eu-central-1&ca-file=/etc/ca.pem&profile=backup"
                                        + "&sse=kms&sse-kms-key=arn:aws:kms:eu-central-1:1:key/k"
                                        + "&sse-bucket-key=true&storage-class=STANDARD_IA"
                                        + "&tags=team=shop,kind=a%20copy&part-size=16MiB"
                                        + "&max-parts=1000&checksums=when-supported"
                                        + "&request-timeout=20s&retry-for=1m"))
                .isEqualTo(new StoreLocation.Bucket("archive", "a/b", EVERY_OPTION));
    }

    @Test
    void options_may_be_written_beside_the_url() {
        assertThat(
                        StoreLocation.parse(
                                "s3://archive/a?region=eu-central-1",
                                Map.of("sse", "s3", "max-parts", "1000")))
                .isEqualTo(
                        StoreLocation.parse(
                                "s3://archive/a?region=eu-central-1&sse=s3&max-parts=1000"));
    }

    @Test
    void an_option_that_is_given_twice_is_refused() {
        assertThatThrownBy(() -> StoreLocation.parse("s3://archive?sse=s3", Map.of("sse", "kms")))
                .hasMessageContaining("sse is given twice");
        assertThatThrownBy(() -> StoreLocation.parse("s3://archive?sse=s3&sse=kms"))
                .hasMessageContaining("sse is given twice");
    }

    @Test
    void a_directory_takes_no_options() {
        assertThatThrownBy(() -> StoreLocation.parse("/archive", Map.of("sse", "s3")))
                .hasMessageContaining("sse (expected: none with a directory)");
    }

    @Test
    void every_option_is_written_as_it_is_read() {
        StoreLocation whole = new StoreLocation.Bucket("archive", "a", EVERY_OPTION);

        assertThat(StoreLocation.parse(whole.toString())).isEqualTo(whole);
        assertThat(BucketOptionTexts.write(EVERY_OPTION).keySet())
                .containsExactlyInAnyOrderElementsOf(BucketOptionTexts.NAMES);
    }

    @Test
    void every_option_is_explained_to_users() throws IOException {
        String page = Files.readString(Path.of("../docs/s3.md"));

        assertThat(BucketOptionTexts.NAMES)
                .allSatisfy(name -> assertThat(page).contains("\n| `" + name + "` | "));
    }

    @Test
    void how_long_to_wait_for_a_store_can_be_said_in_its_url() {
        StoreSettings settings =
                StoreSettings.of(
                        StoreLocation.parse("s3://archive?request-timeout=5s&retry-for=300ms"));

        assertThat(settings.attemptTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.patience()).isEqualTo(Duration.ofMillis(300));
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
                    s3://archive?pathstyle=true  | endpoint, max-parts, part-size, path-style
                    s3://archive?path-style=yes  | expected: true or false
                    s3://archive?endpoint=host:1 | expected: http://host:port
                    s3://archive?endpoint=       | expected: http://host:port
                    s3://archive?region          | region
                    s3://archive/a/../b          | key
                    s3://a1?sse=aes              | sse: aes (expected: s3 or kms)
                    s3://a1?sse=s3&sse-kms-key=k | sse: s3 (expected: kms
                    s3://a1?sse-bucket-key=true  | sse: absent (expected: kms
                    s3://a1?storage-class=GLACIER | lifecycle rule
                    s3://a1?storage-class=cold   | storage-class: cold
                    s3://a1?tags=team            | tags: team (expected: name=value
                    s3://a1?tags=a=1,a=2         | tags: a=1,a=2
                    s3://a1?tags=a=%23           | of letters, digits
                    s3://a1?part-size=1GB        | expected: a size such as 8MiB
                    s3://a1?part-size=1MiB       | expected: 5MiB to 1GiB
                    s3://a1?max-parts=many       | expected: a whole number
                    s3://a1?max-parts=20000      | expected: 100 to 10000
                    s3://a1?checksums=never      | when-required or when-supported
                    s3://a1?ca-file=ca.pem       | expected: an absolute path
                    s3://a1?request-timeout=0s   | expected: more than zero
                    s3://a1?retry-for=ever       | expected: a time such as 10s
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
