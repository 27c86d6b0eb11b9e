package io.matriarch.archiver.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files beside this class were made by the tools that their names end with, of Debian 12. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PackedObjectTest {

    private static final byte[] TEXT =
            IntStream.range(0, 6000)
                    .mapToObj(i ->
                            i / 7 * 7
                                    + " the matriarch leads the herd, an elephant never forgets\n")
                    .reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append)
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);

    private static byte[] resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(PackedObjectTest.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }

    private static byte[] plain(String key, byte[] stored) throws IOException {
        try (InputStream plain = PackedObject.plain(key, new ByteArrayInputStream(stored))) {
            return plain.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text.lzo",
                "text-crc32.lzo",
                "text.lz4",
                "text-linked.lz4",
                "text.zst",
                "text.gz",
                "text.lzma",
                "text.br"
            })
    void what_a_tool_has_packed_is_unpacked(String name) throws IOException {
        assertThat(plain(name, resource(name))).isEqualTo(TEXT);
    }

    /** Brotli alone has no magic number. */
    @ParameterizedTest
    @ValueSource(strings = {"text.lzo", "text.lz4", "text.zst", "text.gz", "text.lzma"})
    void the_name_may_say_what_it_likes(String name) throws IOException {
        assertThat(plain("part_001.tar.br", resource(name))).isEqualTo(TEXT);
        assertThat(plain("part_001.tar", resource(name))).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text.lzo", "text.lz4", "text.zst", "text.gz"})
    void two_of_a_kind_may_follow_each_other(String name) throws IOException {
        byte[] one = resource(name);
        byte[] two = Arrays.copyOf(one, one.length * 2);
        System.arraycopy(one, 0, two, one.length, one.length);

        assertThat(plain(name, two)).hasSize(TEXT.length * 2).startsWith(TEXT).endsWith(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text.lzo", "text.lz4", "text.zst", "text.gz", "text.lzma", "text.br"})
    void what_is_cut_off_is_damaged(String name) throws IOException {
        byte[] whole = resource(name);
        for (int length : new int[] {12, whole.length / 2, whole.length - 2}) {
            byte[] cut = Arrays.copyOf(whole, length);

            assertThatThrownBy(() -> plain(name, cut))
                    .isInstanceOfAny(CodecException.class, IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text.lzo", "text-crc32.lzo", "text.lz4", "text.zst", "text.gz"})
    void a_flipped_bit_is_found(String name) throws IOException {
        for (double part : new double[] {0.1, 0.4, 0.7, 0.9}) {
            byte[] bytes = resource(name);
            bytes[(int) (bytes.length * part)] ^= 0x10;

            assertThatThrownBy(() -> plain(name, bytes)).isInstanceOf(IOException.class);
        }
    }

    /** Its blocks' checksums are compared, and not passed by. */
    @Test
    void a_wrong_checksum_of_lzop_is_found_where_the_bytes_are_right() throws IOException {
        byte[] bytes = resource("text.lzo");
        // Magic, header of 25 bytes and a name of 8, its checksum, two lengths.
        int sum = 9 + 25 + bytes[9 + 24] + 4 + 8;
        bytes[sum] ^= 1;

        assertThatThrownBy(() -> plain("text.lzo", bytes))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("Adler-32 of a block");
    }

    @Test
    void what_nobody_has_packed_is_left_alone() throws IOException {
        assertThat(plain("00000002.history", TEXT)).isEqualTo(TEXT);
        assertThat(plain("empty.lz4", new byte[0])).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "part_001.tar.lz4, 84",
        "part_001.tar.lzo, 85",
        "000000010000000000000001.lz4, C1",
        "000000010000000000000001, C3"
    })
    void openpgp_is_known_and_named(String key, String first) {
        byte[] bytes = new byte[600];
        bytes[0] = (byte) Integer.parseInt(first, 16);

        assertThatThrownBy(() -> plain(key, bytes))
                .isInstanceOfSatisfying(
                        CodecException.class, it -> assertThat(it.isEncrypted()).isTrue())
                .hasMessage("is encrypted with OpenPGP");
    }

    /** What libsodium makes looks like chance. */
    @Test
    void what_is_not_what_its_name_says_may_be_encrypted() {
        byte[] bytes = new byte[600];
        Arrays.fill(bytes, (byte) 0x42);

        assertThatThrownBy(() -> plain("part_001.tar.lz4", bytes))
                .isInstanceOfSatisfying(
                        CodecException.class, it -> assertThat(it.isEncrypted()).isTrue())
                .hasMessageContaining("libsodium");
    }

    @Test
    void names_lose_their_ends() {
        assertThat(
                        Stream.of("a.lz4", "a.zst", "a.lzo", "a.br", "a.gz", "a.lzma", "a.", "a")
                                .map(PackedObject::stem))
                .containsOnly("a");
        assertThat(PackedObject.stem("a.json")).isEqualTo("a.json");
    }
}
