package io.matriarch.archiver.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.PageChecksum;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PageVerificationTest {

    private static final int PAGE = PageChecksum.PAGE_BYTES;
    private static final DataFile FILE = new DataFile("base/5/16384", 2 * PAGE);

    @TempDir private Path root;

    /** An all-zero page is valid: it has never been written. */
    private static byte[] torn() {
        byte[] page = new byte[2 * PAGE];
        Arrays.fill(page, PAGE + PAGE / 2, 2 * PAGE, (byte) 7);
        // Its position, high half first: 0/30.
        page[PAGE + 4] = 0x30;
        return page;
    }

    private List<PageVerification.Suspect> verify(byte[] reading, byte[] onDisk)
            throws IOException {
        Path file = Files.write(root.resolve("relation"), onDisk);
        PageVerification verification = PageVerification.of(FILE).orElseThrow();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            verification.verify(channel, reading, reading.length, 0);
        }
        return verification.suspects();
    }

    @Test
    void a_page_torn_by_a_write_is_read_again_and_the_whole_one_is_kept() throws IOException {
        byte[] reading = torn();
        byte[] whole = new byte[2 * PAGE];

        List<PageVerification.Suspect> suspects = verify(reading, whole);

        assertThat(suspects).isEmpty();
        assertThat(reading).isEqualTo(whole);
    }

    @Test
    void a_page_that_was_truncated_meanwhile_is_no_suspect() throws IOException {
        assertThat(verify(torn(), new byte[PAGE])).isEmpty();
    }

    @Test
    void a_page_that_stays_wrong_is_kept_as_it_is_and_told() throws IOException {
        byte[] reading = torn();

        List<PageVerification.Suspect> suspects = verify(reading, torn());

        assertThat(suspects)
                .containsExactly(
                        new PageVerification.Suspect("base/5/16384", 1, Lsn.parse("0/30")));
        assertThat(reading).isEqualTo(torn());
    }

    @ParameterizedTest
    @CsvSource({
        "0/1F, true,  changed before the backup: no replay writes it anew",
        "0/20, true,  at the start itself: replay begins behind it",
        "0/21, false, replay has its full image",
        "0/40, false, up to the stop",
        "0/41, true,  from a future that the log does not have",
    })
    void a_wrong_page_is_corrupt_unless_replay_writes_it_anew(
            String position, boolean isCorrupt, String why) {
        PageVerification.Suspect suspect =
                new PageVerification.Suspect("base/5/1", 0, Lsn.parse(position));

        assertThat(suspect.isCorrupt(Lsn.parse("0/20"), Lsn.parse("0/40")))
                .as(why)
                .isEqualTo(isCorrupt);
    }

    @ParameterizedTest
    @CsvSource({
        "base/5/16384,true",
        "base/5/16384_vm,true",
        "global/1262,true",
        "pg_tblspc/16500/PG_15_202209061/5/16384.2,true",
        "base/5/pg_filenode.map,false",
        "base/5/PG_VERSION,false",
        "pg_xact/0000,false",
    })
    void only_relations_have_pages(String path, boolean hasPages) {
        assertThat(PageVerification.of(new DataFile(path, 0)).isPresent()).isEqualTo(hasPages);
    }
}
