package io.matriarch.archiver.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and JSON that exist in people's stores: a change here is a change of format. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RepositoryFormatTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(
                    new ClusterName("shop"), SystemIdentifier.parse("7000000000000000001"));

    private static final TimelineId TEN = new TimelineId(10);

    @Test
    void objects_lie_where_the_documentation_says() {
        BackupId backup = BackupId.parse("20261121T083000Z-5f3a09c1");

        assertThat(LAYOUT.claim()).isEqualTo("shop/7000000000000000001/claim.json");
        assertThat(LAYOUT.epoch(7))
                .isEqualTo("shop/7000000000000000001/epochs/00000000000000000007.json");
        assertThat(
                        LAYOUT.segment(
                                WalSegment.parse(
                                        "0000000A0000000100000002", WalSegmentSize.DEFAULT)))
                .isEqualTo("shop/7000000000000000001/wal/0000000A/0000000A0000000100000002.zst");
        assertThat(LAYOUT.history(TEN)).isEqualTo("shop/7000000000000000001/wal/0000000A.history");
        assertThat(LAYOUT.backup(backup))
                .isEqualTo(
                        "shop/7000000000000000001/backups/20261121T083000Z-5f3a09c1/backup.json");
        assertThat(LAYOUT.manifest(backup)).endsWith("-5f3a09c1/manifest.json.zst");
        assertThat(LAYOUT.bundle(backup, 12)).endsWith("-5f3a09c1/bundle-00012.tar.zst");
    }

    /** Also beyond 9, where hexadecimal digits begin, and beyond 0x7FFFFFFF, where signs do. */
    @ParameterizedTest
    @ValueSource(ints = {1, 16, 64, 256, 1024})
    void every_timeline_and_segment_finds_its_way_back_from_its_name(int megabytes) {
        WalSegmentSize size = new WalSegmentSize((long) megabytes << 20);
        Random random = new Random(megabytes);
        for (int i = 0; i < 2_000; i++) {
            long any = 1 + (random.nextLong() >>> 32) % 0xFFFFFFFFL;
            TimelineId timeline = new TimelineId(i == 0 ? 0xFFFFFFFFL : i == 1 ? 10 : any);
            long number = random.nextLong() >>> (Long.numberOfTrailingZeros(size.bytes()) + 1);
            WalSegment segment = new WalSegment(timeline, number, size);
            String hex = "%08X".formatted(timeline.value());

            WalName name = WalName.tryParse(segment.name()).orElseThrow();

            assertThat(WalSegment.parse(name.text(), size)).isEqualTo(segment);
            assertThat(name).isEqualTo(new WalName.Segment(timeline, segment.name()));
            assertThat(LAYOUT.wal(name)).contains("/wal/" + hex + "/" + hex);
            assertThat(WalName.tryParse(hex + ".history")).contains(new WalName.History(timeline));
            assertThat(LAYOUT.history(timeline)).endsWith("/wal/" + hex + ".history");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0000000A0000000100000002,                 0000000A/0000000A0000000100000002.zst",
        "0000000A0000000100000002.partial,         0000000A/0000000A0000000100000002.partial.zst",
        "0000000A0000000100000002.00000028.backup, 0000000A/0000000A0000000100000002.00000028.backup",
        "0000000A.history,                         0000000A.history"
    })
    void files_of_the_log_lie_by_timeline(String name, String key) {
        assertThat(LAYOUT.wal(WalName.tryParse(name).orElseThrow()))
                .isEqualTo("shop/7000000000000000001/wal/" + key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "RECOVERYXLOG",
                "0000000000000001000000AA",
                "0000000a0000000100000002",
                "0000000A000000010000000",
                "0000000A0000000100000002.part",
                "0000000A.history.bak",
                "../0000000A0000000100000002"
            })
    void other_names_are_no_files_of_the_log(String name) {
        assertThat(WalName.tryParse(name)).isEmpty();
    }

    @Test
    void the_claim_is_written_as_documented() {
        Claim claim =
                Claim.of(
                        LAYOUT,
                        "f00d",
                        WalSegmentSize.DEFAULT,
                        Instant.parse("2026-11-21T08:30:00Z"));

        String json = new String(RepositoryJson.write(claim), UTF_8);

        assertThat(json)
                .isEqualTo(
                        """
                        {
                          "format" : 1,
                          "cluster" : "shop",
                          "systemIdentifier" : "7000000000000000001",
                          "owner" : "f00d",
                          "walSegmentSize" : 16777216,
                          "created" : "2026-11-21T08:30:00Z"
                        }
                        """);
        assertThat(RepositoryJson.read(json.getBytes(UTF_8), Claim.class, "claim"))
                .isEqualTo(claim);
    }

    record Values(Lsn lsn, TimelineId timeline, BackupId backup) {}

    @Test
    void names_are_the_same_whatever_the_locale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.of("ar", "EG"));

            assertThat(LAYOUT.epoch(7))
                    .isEqualTo(LAYOUT.epochFolder() + "00000000000000000007.json");
            assertThat(RepositoryLayout.bundleName(3)).isEqualTo("bundle-00003.tar.zst");
            assertThat(LAYOUT.journal(BackupId.parse("20261121T083000Z-5f3a09c1"), 2))
                    .endsWith("/journal-00002.json.zst");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void what_names_no_format_is_damaged() {
        assertThatThrownBy(() -> RepositoryJson.requireFormat("{}".getBytes(UTF_8), 1, "the-key"))
                .isInstanceOf(RepositoryException.class)
                .hasMessage(
                        "object the-key: damaged (expected: JSON with the number of its format)");
    }

    @Test
    void values_are_written_in_their_own_notation_and_unknown_fields_are_skipped() {
        Values values =
                new Values(
                        Lsn.parse("16/B374D848"), TEN, BackupId.parse("20261121T083000Z-5f3a09c1"));

        String json = new String(RepositoryJson.write(values), UTF_8);

        assertThat(json).contains("\"16/B374D848\"", ": 10,", "\"20261121T083000Z-5f3a09c1\"");
        String newer = json.replaceFirst("\\{", "{\"invented\" : 1,");
        assertThat(RepositoryJson.read(newer.getBytes(UTF_8), Values.class, "x")).isEqualTo(values);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"lsn\":\"x\",\"timeline\":1,\"backup\":\"20261121T083000Z-5f3a09c1\"}",
                "{\"lsn\":\"0/1\",\"timeline\":0,\"backup\":\"20261121T083000Z-5f3a09c1\"}"
            })
    void damaged_json_is_refused_by_name(String json) {
        assertThatThrownBy(() -> RepositoryJson.read(json.getBytes(UTF_8), Values.class, "the-key"))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("the-key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20261121T083000Z",
                "20261321T083000Z-5f3a09c1",
                "20261121T083000Z-5F3A09C1"
            })
    void what_is_no_backup_is_refused(String text) {
        assertThatThrownBy(() -> BackupId.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
