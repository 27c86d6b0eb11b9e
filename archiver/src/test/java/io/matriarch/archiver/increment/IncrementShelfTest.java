package io.matriarch.archiver.increment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.ManifestEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each page of these files is filled with one number, and so are those of their increments. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IncrementShelfTest {

    private static final int PAGE = 8192;
    private static final String PATH = "base/5/16384";

    @TempDir private Path folder;
    private IncrementShelf shelf;

    @SuppressWarnings("NullAway.Init") // opened before each test
    IncrementShelfTest() {}

    @BeforeEach
    void open() throws IOException {
        shelf = IncrementShelf.in(folder);
    }

    @AfterEach
    void close() {
        shelf.close();
    }

    private static byte[] pages(int... numbers) {
        byte[] bytes = new byte[numbers.length * PAGE];
        for (int i = 0; i < numbers.length; i++) {
            Arrays.fill(bytes, i * PAGE, (i + 1) * PAGE, (byte) numbers[i]);
        }
        return bytes;
    }

    private void lay(int age, int fileBlocks, int number, int... blocks) throws IOException {
        BitSet changed = new BitSet();
        Arrays.stream(blocks).forEach(changed::set);
        IncrementHead head = IncrementHead.of(fileBlocks, changed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.toBytes());
        for (int ignored : blocks) {
            bytes.writeBytes(pages(number));
        }
        String _ =
                shelf.lay(
                        age,
                        increment(bytes.size(), fileBlocks),
                        new ByteArrayInputStream(bytes.toByteArray()));
    }

    private static ManifestEntry increment(long size, int fileBlocks) {
        return new ManifestEntry(
                "base/5/INCREMENTAL.16384",
                size,
                "0600",
                Instant.EPOCH,
                "",
                "",
                0,
                Optional.of((long) fileBlocks * PAGE));
    }

    private byte[] merged(int... base) throws IOException {
        byte[] bytes = pages(base);
        ManifestEntry file =
                new ManifestEntry(PATH, bytes.length, "0600", Instant.EPOCH, "", "", 0);
        MergedContent merged = shelf.merged(file, new ByteArrayInputStream(bytes));
        byte[] all = merged.readAllBytes();
        assertThat(all).hasSize((int) merged.size());
        String _ = merged.drain();
        return all;
    }

    @Test
    void each_page_comes_from_the_newest_that_has_it() throws IOException {
        lay(0, 4, 9, 1);
        lay(1, 4, 8, 1, 2);
        lay(2, 4, 7, 0, 1, 2);

        assertThat(merged(1, 1, 1, 1)).isEqualTo(pages(7, 9, 8, 1));
    }

    @Test
    void what_lay_behind_an_end_in_between_does_not_come_back() throws IOException {
        lay(0, 3, 9, 1, 2);
        lay(1, 1, 8);

        assertThat(merged(1, 2, 3, 4)).isEqualTo(pages(1, 9, 9));
        assertThatThrownBy(
                        () -> {
                            lay(0, 3, 9, 2);
                            merged(1, 2, 3, 4);
                        })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("page 1");
    }

    @Test
    void a_long_file_is_put_together_piece_by_piece() throws IOException {
        int[] base = new int[100];
        int[] expected = new int[101];
        for (int i = 30; i < 70; i++) {
            expected[i] = 5;
        }
        expected[100] = 5;
        int[] changed = new int[41];
        for (int i = 0; i < 40; i++) {
            changed[i] = 30 + i;
        }
        changed[40] = 100;
        lay(0, 101, 5, changed);

        assertThat(merged(base)).isEqualTo(pages(expected));
    }

    @Test
    void a_page_that_nobody_has_is_no_page_of_zeros() throws IOException {
        lay(0, 3, 9, 2);

        assertThatThrownBy(() -> merged(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("page 1");
    }

    @Test
    void an_increment_that_comes_again_replaces_itself() throws IOException {
        lay(0, 1, 9);
        lay(0, 1, 8, 0);

        assertThat(merged(1)).isEqualTo(pages(8));
    }

    @Test
    void a_length_unlike_the_manifests_is_refused() {
        byte[] head = IncrementHead.of(2, new BitSet()).toBytes();

        assertThatThrownBy(() -> shelf.lay(0, increment(12, 3), new ByteArrayInputStream(head)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unlike the manifest");
    }

    @Test
    void a_file_is_wanted_until_it_has_come() throws IOException {
        assertThat(shelf.isWanted(PATH)).isFalse();
        lay(0, 1, 9, 0);
        assertThat(shelf.isWanted(PATH)).isTrue();
        assertThat(shelf.firstWanted()).contains(PATH);

        shelf.settle(new ManifestEntry(PATH, PAGE, "0600", Instant.EPOCH, "00c0ffee", "", 0));

        assertThat(shelf.isWanted(PATH)).isFalse();
        assertThat(shelf.firstWanted()).isEmpty();
        assertThat(shelf.settled(PATH)).map(ManifestEntry::crc32c).contains("00c0ffee");
    }
}
