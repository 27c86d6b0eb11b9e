package io.matriarch.archiver.increment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class IncrementHeadTest {

    private static byte[] bytes(int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(numbers).forEach(bytes::putInt);
        return bytes.array();
    }

    private static BitSet blocks(int... numbers) {
        BitSet blocks = new BitSet();
        Arrays.stream(numbers).forEach(blocks::set);
        return blocks;
    }

    @Test
    void its_bytes_are_those_of_postgresql_17() {
        IncrementHead head = IncrementHead.of(9, blocks(2, 7));

        assertThat(head.toBytes()).isEqualTo(bytes(0xD3AE1F0D, 2, 9, 2, 7));
        assertThat(head.increment()).isEqualTo(3 * 8192);
    }

    @Test
    void without_pages_it_is_not_filled_up() {
        IncrementHead head = IncrementHead.of(9, blocks());

        assertThat(head.toBytes()).isEqualTo(Arrays.copyOf(bytes(0xD3AE1F0D, 0, 9), 12));
        assertThat(head.increment()).isEqualTo(12);
    }

    @Test
    void it_is_read_up_to_its_first_page() throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes(0xD3AE1F0D, 2, 9, 2, 7));

        IncrementHead head = IncrementHead.read(in);

        assertThat(head.fileBlocks()).isEqualTo(9);
        assertThat(head.count()).isEqualTo(2);
        assertThat(head.block(1)).isEqualTo(7);
        assertThat(in.available()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 1, 0, 0",
        "-743563507, 2, 1, 0, 1",
        "-743563507, -1, 1, 0, 0",
        "-743563507, 1, -1, 0, 0",
        "-743563507, 1, 131073, 0, 0",
        "-743563507, 2, 9, 7, 2",
        "-743563507, 2, 9, 7, 7",
        "-743563507, 2, 9, 7, 9",
        "-743563507, 1, 9, -1, 0"
    })
    void what_is_no_head_is_refused(int magic, int count, int blocks, int first, int second) {
        byte[] bytes = bytes(magic, count, blocks, first, second);

        assertThatThrownBy(() -> IncrementHead.read(new ByteArrayInputStream(bytes)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void one_that_breaks_off_is_refused() {
        byte[] bytes = Arrays.copyOf(bytes(0xD3AE1F0D, 2, 9, 2, 7), 18);

        assertThatThrownBy(() -> IncrementHead.read(new ByteArrayInputStream(bytes)))
                .isInstanceOf(IOException.class);
    }
}
