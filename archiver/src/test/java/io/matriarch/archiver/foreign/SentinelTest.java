package io.matriarch.archiver.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SentinelTest {

    private static Sentinel read(String json) throws IOException {
        return Sentinel.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** Above 2^53 a JSON number read as a floating one is another. */
    @Test
    void positions_and_identifiers_are_64_bits_long() throws IOException {
        Sentinel sentinel =
                read(
                        """
                        {"LSN": 18014398509481985, "FinishLSN": 18446744073709551615,
                         "SystemIdentifier": 7300000000000000001, "PgVersion": 150004}\
                        """);

        assertThat(sentinel.start()).contains(new Lsn(18014398509481985L));
        assertThat(sentinel.finish()).contains(new Lsn(-1L));
        assertThat(sentinel.system()).contains(new SystemIdentifier(7300000000000000001L));
        assertThat(sentinel.version()).isEqualTo(150004);
        assertThat(sentinel.files()).isEqualTo(Sentinel.FileList.BESIDE);
    }

    @Test
    void the_second_version_tells_its_times() throws IOException {
        Sentinel sentinel =
                read(
                        """
                        {"LSN": 1, "DeltaLSN": null, "Version": 2, "Hostname": "db1",
                         "StartTime": "2026-11-21T08:30:00.123456789Z",
                         "FinishTime": "2026-11-21T09:30:00+01:00", "IsPermanent": false,
                         "UserData": {"LSN": 7}, "Spec": null}\
                        """);

        assertThat(sentinel.times().start())
                .contains(Instant.parse("2026-11-21T08:30:00.123456789Z"));
        assertThat(sentinel.times().finish()).contains(Instant.parse("2026-11-21T08:30:00Z"));
        assertThat(sentinel.host()).isEqualTo("db1");
        assertThat(sentinel.start()).contains(new Lsn(1));
        assertThat(sentinel.delta()).isEmpty();
    }

    @Test
    void the_first_version_is_completed_by_what_lies_beside() throws IOException {
        Sentinel beside =
                read(
                        """
                        {"start_time": "0001-01-01T00:00:00Z", "finish_time": "2026-11-21T08:30:00Z",
                         "hostname": "db1", "pg_version": 140001, "system_identifier": 7}\
                        """);

        Sentinel sentinel = read("{\"LSN\": 1, \"PgVersion\": 0}").completed(beside);

        assertThat(sentinel.times())
                .isEqualTo(
                        new Sentinel.Times(
                                Optional.empty(),
                                Optional.of(Instant.parse("2026-11-21T08:30:00Z"))));
        assertThat(sentinel.version()).isEqualTo(140001);
        assertThat(sentinel.system()).contains(new SystemIdentifier(7));
    }

    @Test
    void an_old_increment_has_its_files_in_it() throws IOException {
        Sentinel sentinel =
                read(
                        """
                        {"Files": {"/base/1/1": {"IsSkipped": true}}, "DeltaFromLSN": 5,
                         "DeltaFrom": "base_000000010000000000000002"}\
                        """);

        assertThat(sentinel.files()).isEqualTo(Sentinel.FileList.HERE);
        assertThat(sentinel.delta())
                .contains(
                        new Sentinel.Delta(
                                "base_000000010000000000000002", Optional.of(new Lsn(5))));
    }

    @Test
    void a_backup_without_a_list_of_files_says_so() throws IOException {
        assertThat(read("{\"FilesMetadataDisabled\": true}").files())
                .isEqualTo(Sentinel.FileList.NONE);
    }

    @Test
    void wal_e_writes_texts_and_a_small_spec() throws IOException {
        Sentinel sentinel =
                read(
                        """
                        {"wal_segment_backup_stop": "000000010000000000000003",
                         "wal_segment_offset_backup_stop": "00000352", "expanded_size_bytes": 42,
                         "spec": {"base_prefix": "/data", "tablespaces": ["16385", 16386],
                                  "16385": {"loc": "/ts one", "link": "pg_tblspc/16385"},
                                  "16386": {"loc": "/ts2", "link": "pg_tblspc/16386"}}}\
                        """);

        assertThat(sentinel.isOfWalE()).isTrue();
        assertThat(sentinel.stop()).contains(new Sentinel.Stop("000000010000000000000003", 352));
        assertThat(sentinel.bytes()).isEqualTo(42);
        assertThat(sentinel.files()).isEqualTo(Sentinel.FileList.NONE);
        assertThat(sentinel.tablespaces())
                .containsExactly(
                        new Tablespace(16385, "16385", "/ts one"),
                        new Tablespace(16386, "16386", "/ts2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"LSN\": 1",
                "{\"LSN\": \"x\"}",
                "{\"StartTime\": \"yesterday\"}",
                "{\"Spec\": {\"tablespaces\": [\"../x\"], \"../x\": {\"loc\": \"/a\"}}}",
                "{\"Spec\": {\"tablespaces\": [\"1\"], \"1\": {\"loc\": \"relative\"}}}"
            })
    void what_is_damaged_is_not_believed(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(IOException.class);
    }
}
