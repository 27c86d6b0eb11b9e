package io.matriarch.archiver.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is encrypted comes out again, whole, for whom it was meant; and nothing else ever does. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyringTest {

    private static final int CHUNK = 64 << 10;
    private static final int TAG = 16;

    private final TestKey key = TestKey.create();
    private final TestKey other = TestKey.create();

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private static byte[] encrypt(Keyring keyring, byte[] content) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream encrypting = keyring.encrypting(stored)) {
            encrypting.write(content);
        }
        return stored.toByteArray();
    }

    private static byte[] decrypt(Keyring keyring, byte[] stored) throws IOException {
        try (InputStream plain = keyring.decrypting(new ByteArrayInputStream(stored))) {
            return plain.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_003})
    void content_of_any_length_comes_out_again(int length) throws IOException {
        byte[] stored = encrypt(key.both(), content(length));

        assertThat(decrypt(key.both(), stored)).isEqualTo(content(length));
    }

    /** As docs/encryption.md reckons it. */
    @ParameterizedTest
    @CsvSource({"1, 0, 1", "1, 65536, 1", "2, 65537, 2", "3, 1000003, 16"})
    void how_much_longer_an_object_becomes(int recipients, int length, int chunks)
            throws IOException {
        TestKey[] keys = Stream.generate(TestKey::create).limit(recipients).toArray(TestKey[]::new);

        assertThat(encrypt(TestKey.writingFor(keys), content(length)))
                .hasSize(22 + 98 * recipients + 48 + 16 + length + 16 * chunks);
    }

    @Test
    void the_same_content_never_looks_the_same() throws IOException {
        byte[] one = encrypt(key.both(), content(100));

        assertThat(encrypt(key.both(), content(100))).hasSameSizeAs(one).isNotEqualTo(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "age-encryption.org/v", "age-encryption.org/v2\n", "text"})
    void what_is_not_encrypted_is_read_as_it_is(String text) throws IOException {
        byte[] plain = text.getBytes(StandardCharsets.US_ASCII);

        assertThat(decrypt(key.both(), plain)).isEqualTo(plain);
        assertThat(decrypt(Keyring.NONE, plain)).isEqualTo(plain);
        assertThat(encrypt(Keyring.NONE, plain)).isEqualTo(plain);
    }

    @Test
    void each_of_several_recipients_can_read_it_alone() throws IOException {
        byte[] stored = encrypt(TestKey.writingFor(key, other), content(10));

        assertThat(decrypt(TestKey.readingWith(key), stored)).isEqualTo(content(10));
        assertThat(decrypt(TestKey.readingWith(other), stored)).isEqualTo(content(10));
    }

    @Test
    void of_several_identities_the_one_that_fits_is_found() throws IOException {
        Keyring both = TestKey.readingWith(TestKey.create(), other, key);

        assertThat(decrypt(both, encrypt(TestKey.writingFor(key), content(10))))
                .isEqualTo(content(10));
    }

    @Test
    void who_only_writes_cannot_read() throws IOException {
        Keyring writing = TestKey.writingFor(key);
        byte[] stored = encrypt(writing, content(10));

        assertThatThrownBy(() -> decrypt(writing, stored))
                .isInstanceOfSatisfying(
                        LockedException.class,
                        e ->
                                assertThat(e.reason(Optional.of(key.fingerprint())))
                                        .isEqualTo(
                                                "is encrypted for "
                                                        + key.fingerprint()
                                                        + ", and this host has no identity"));
    }

    @Test
    void a_wrong_identity_says_which_it_is() throws IOException {
        byte[] stored = encrypt(TestKey.writingFor(key), content(10));

        for (Keyring wrong :
                List.of(TestKey.readingWith(other), TestKey.readingWith(TestKey.create(), other))) {
            assertThatThrownBy(() -> decrypt(wrong, stored))
                    .isInstanceOf(LockedException.class)
                    .hasMessageContaining("none of the identities here fits")
                    .hasMessageContaining(other.fingerprint());
        }
    }

    /** The header is changed, and the metadata knows for whom it was. */
    @Test
    void a_changed_header_does_not_pass_for_one_of_another_key() throws IOException {
        byte[] stored = encrypt(TestKey.writingFor(key), content(10));
        int body = new String(stored, StandardCharsets.ISO_8859_1).indexOf('\n', 30) + 5;
        stored[body] = (byte) (stored[body] == 'A' ? 'B' : 'A');

        assertThatThrownBy(() -> decrypt(TestKey.readingWith(key), stored))
                .isInstanceOfSatisfying(
                        LockedException.class,
                        e -> {
                            assertThat(e.isContradicted(Optional.of("x " + key.fingerprint())))
                                    .isTrue();
                            assertThat(e.isContradicted(Optional.of(other.fingerprint())))
                                    .isFalse();
                            assertThat(e.isContradicted(Optional.empty())).isFalse();
                        });
    }

    /** Counted from the end of the header, or from the end of all. */
    @ParameterizedTest
    @CsvSource({
        "the header's authentication, header, -10",
        "the nonce,                   header, 3",
        "the first chunk,             header, 20",
        "the first chunk's tag,       header, 65560",
        "the second chunk,            header, 65600",
        "the last chunk,              end,    -20",
        "the last chunk's tag,        end,    -1"
    })
    void a_changed_bit_is_found(String region, String from, int offset) throws IOException {
        byte[] stored = encrypt(TestKey.writingFor(key), content(2 * CHUNK + 100));
        stored[(from.equals("header") ? headerLength(stored) : stored.length) + offset] ^= 1;

        for (Keyring reading : List.of(TestKey.readingWith(key), TestKey.readingWith(other, key))) {
            assertThatThrownBy(() -> decrypt(reading, stored))
                    .as(region)
                    .isInstanceOf(AlteredException.class);
        }
    }

    /** Wherever it is cut, also exactly behind a chunk. */
    @Test
    void what_is_cut_off_is_found() throws IOException {
        byte[] stored = encrypt(TestKey.writingFor(key), content(2 * CHUNK + 100));
        int payload = headerLength(stored) + 16;
        int chunk = CHUNK + TAG;
        List<Integer> cuts =
                List.of(
                        AgeInput.MAGIC.length,
                        AgeInput.MAGIC.length + 40,
                        headerLength(stored) - 1,
                        headerLength(stored),
                        payload - 1,
                        payload,
                        payload + 5,
                        payload + chunk - 1,
                        payload + chunk,
                        payload + chunk + 1,
                        payload + 2 * chunk,
                        stored.length - 1);

        for (int cut : cuts) {
            assertThatThrownBy(() -> decrypt(TestKey.readingWith(key), Arrays.copyOf(stored, cut)))
                    .as("cut at %d of %d", cut, stored.length)
                    .isInstanceOf(UnreadableContentException.class);
        }
    }

    @Test
    void what_is_added_is_found() throws IOException {
        byte[] stored = encrypt(TestKey.writingFor(key), content(2 * CHUNK));

        assertThatThrownBy(() ->
                        decrypt(TestKey.readingWith(key), Arrays.copyOf(stored, stored.length + 1)))
                .isInstanceOf(AlteredException.class);
    }

    /** Nothing of a chunk is handed out before it is proven. */
    @Test
    void bytes_before_a_change_were_proven_and_none_behind_it_comes() throws IOException {
        byte[] content = content(3 * CHUNK);
        byte[] stored = encrypt(TestKey.writingFor(key), content);
        stored[headerLength(stored) + 16 + CHUNK + TAG + 100] ^= 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThatThrownBy(
                        () -> {
                            try (InputStream plain =
                                    TestKey.readingWith(key)
                                            .decrypting(new ByteArrayInputStream(stored))) {
                                plain.transferTo(out);
                            }
                        })
                .isInstanceOf(AlteredException.class);
        assertThat(out.toByteArray()).isEqualTo(Arrays.copyOf(content, out.size()));
        assertThat(out.size()).isLessThanOrEqualTo(CHUNK);
    }

    /** Through the last line feed of the header, which ends with its authentication. */
    private static int headerLength(byte[] stored) {
        String text = new String(stored, StandardCharsets.ISO_8859_1);
        return text.indexOf('\n', text.indexOf("\n--- ") + 1) + 1;
    }
}
