package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupFilesTest {

    private static final String LABEL =
            """
            START WAL LOCATION: 16/B3000028 (file 0000000A00000016000000B3)
            CHECKPOINT LOCATION: 16/B3000060
            BACKUP METHOD: streamed
            BACKUP FROM: standby
            START TIME: 2026-11-21 08:30:00 UTC
            LABEL: daily
            START TIMELINE: 10
            """;

    @Test
    void a_backup_label_tells_where_replay_begins() {
        BackupLabel label = BackupLabel.parse(LABEL);

        assertThat(label.start()).isEqualTo(Lsn.parse("16/B3000028"));
        assertThat(label.timeline()).isEqualTo(new TimelineId(10));
        assertThat(label.isFromStandby()).isTrue();
        assertThat(BackupLabel.parse(LABEL.replace("standby", "primary")).isFromStandby())
                .isFalse();
    }

    @Test
    void a_label_cut_short_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BackupLabel.parse(LABEL.substring(0, 100)))
                .withMessageContaining("START TIMELINE");
    }

    @ParameterizedTest
    @CsvSource({
        "16384, 16384, main, 0, 0",
        "16384.2, 16384, main, 2, 262144",
        "16384_fsm, 16384, fsm, 0, 0",
        "16384_vm.1, 16384, vm, 1, 131072",
        "4294967295_init, 4294967295, init, 0, 0"
    })
    void relation_files_are_known_by_their_names(
            String name, long node, String fork, int segment, long firstBlock) {
        RelationFile file = RelationFile.parse(name).orElseThrow();

        assertThat(file).isEqualTo(new RelationFile(node, fork, segment));
        assertThat(file.firstBlock()).isEqualTo(firstBlock);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"PG_VERSION", "pg_filenode.map", "16384_other", "t3_16384", "16384.", ""})
    void other_files_are_not_relations(String name) {
        assertThat(RelationFile.parse(name)).isEqualTo(Optional.empty());
    }

    @Test
    void files_of_temporary_tables_are_known_by_their_names() {
        assertThat(RelationFile.isTemporary("t3_16384")).isTrue();
        assertThat(RelationFile.isTemporary("t3_16384_fsm.1")).isTrue();
        assertThat(RelationFile.isTemporary("16384")).isFalse();
    }

    @Test
    void any_flipped_bit_of_a_page_changes_its_checksum() {
        byte[] page = page(7);
        assertThat(PageChecksum.isValid(page, 0, 7)).isTrue();
        assertThat(PageChecksum.isValid(page, 0, 8)).isFalse();

        Random random = new Random(42);
        for (int i = 0; i < 200; i++) {
            int at = random.nextInt(PageChecksum.PAGE_BYTES);
            int bit = 1 << random.nextInt(8);
            page[at] ^= (byte) bit;
            assertThat(PageChecksum.isValid(page, 0, 7)).as("byte %d", at).isFalse();
            page[at] ^= (byte) bit;
        }
    }

    @Test
    void a_page_of_zeros_is_new_and_one_that_only_seems_new_is_not_valid() {
        byte[] page = new byte[PageChecksum.PAGE_BYTES];
        assertThat(PageChecksum.isValid(page, 0, 0)).isTrue();

        page[5000] = 1;

        assertThat(PageChecksum.isValid(page, 0, 0)).isFalse();
    }

    private static byte[] page(long block) {
        byte[] page = new byte[PageChecksum.PAGE_BYTES];
        new Random(1).nextBytes(page);
        int sum = PageChecksum.of(page, 0, block);
        page[8] = (byte) sum;
        page[9] = (byte) (sum >> 8);
        return page;
    }
}
