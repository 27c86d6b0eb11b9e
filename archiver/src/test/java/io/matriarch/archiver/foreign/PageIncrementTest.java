package io.matriarch.archiver.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.readback.RestoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PageIncrementTest {

    private static final int PAGE = PageIncrement.PAGE;

    @TempDir private Path folder;

    /** Pages are filled with the letter that stands for them. */
    private static byte[] increment(long size, int count, int[] blocks, String letters) {
        ByteBuffer bytes =
                ByteBuffer.allocate(16 + 4 * blocks.length + PAGE * letters.length())
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {'w', 'i', '1', 0x55}).putLong(size).putInt(count);
        for (int block : blocks) {
            bytes.putInt(block);
        }
        letters.chars().forEach(letter -> bytes.put(page(letter)));
        return bytes.array();
    }

    private static byte[] page(int letter) {
        byte[] page = new byte[PAGE];
        Arrays.fill(page, (byte) letter);
        return page;
    }

    private String applied(String before, byte[] increment) throws IOException {
        Path file = folder.resolve("1234");
        byte[] content = new byte[before.length() * PAGE];
        for (int i = 0; i < before.length(); i++) {
            System.arraycopy(page(before.charAt(i)), 0, content, i * PAGE, PAGE);
        }
        Files.write(file, content);
        ByteArrayInputStream in = new ByteArrayInputStream(increment);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            PageIncrement.read("base/1/1234", increment.length, in).apply(in, channel, file);
        }
        byte[] after = Files.readAllBytes(file);
        StringBuilder letters = new StringBuilder();
        for (int at = 0; at < after.length; at += PAGE) {
            letters.append(after[at] == 0 ? '0' : (char) after[at]);
        }
        return letters.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "abcd, 4, 1, X, aXcd",
        "abcd, 4, '', '', abcd",
        "abcd, 2, '', '', ab",
        "abcd, 2, 0, X, Xb",
        "ab, 5, 4, X, ab00X",
        "ab, 4, 2 3, XY, abXY",
        "abcdefgh, 8, 0 2 3 4 7, UVWXY, UbVWXfgY",
        "abcd, 0, '', '', ''"
    })
    void pages_are_replaced_added_and_cut_off(
            String before, int pages, String blocks, String letters, String after)
            throws IOException {
        int[] numbers =
                blocks.isEmpty()
                        ? new int[0]
                        : Arrays.stream(blocks.split(" ", -1))
                                .mapToInt(Integer::parseInt)
                                .toArray();

        byte[] increment = increment((long) pages * PAGE, numbers.length, numbers, letters);

        assertThat(applied(before, increment)).isEqualTo(after);
    }

    @Test
    void more_pages_than_are_written_at_once() throws IOException {
        int[] blocks = new int[70];
        Arrays.setAll(blocks, i -> i);

        assertThat(applied("a".repeat(71), increment(71L * PAGE, 70, blocks, "X".repeat(70))))
                .isEqualTo("X".repeat(70) + "a");
    }

    @ParameterizedTest
    @CsvSource({
        "4, 2, 1, X, 2 pages",
        "1, 2, 0 0, XY, 2 pages",
        "4, 1, 4, X, page 4",
        "4, -1, '', '', pages",
        "-1, 0, '', '', pages"
    })
    void what_does_not_fit_together_is_refused(
            int pages, int count, String blocks, String letters, String reason) {
        int[] numbers =
                blocks.isEmpty()
                        ? new int[0]
                        : Arrays.stream(blocks.split(" ", -1))
                                .mapToInt(Integer::parseInt)
                                .toArray();
        byte[] increment = increment((long) pages * PAGE, count, numbers, letters);

        assertThatThrownBy(() -> applied("abcd", increment))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void no_increment_at_all_is_refused() {
        assertThatThrownBy(() -> applied("abcd", page('x')))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no increment");
        assertThatThrownBy(() -> applied("abcd", new byte[3]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no increment");
    }

    @Test
    void one_of_postgresql_17_is_refused_in_words() {
        byte[] bytes =
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(0xD3AE1F0D).array();

        assertThatThrownBy(() -> applied("abcd", bytes))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("PostgreSQL 17");
    }
}
