package io.matriarch.archiver.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken for a key, and from where. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IdentitiesTest {

    /** Made by {@code age-keygen} 1.1.1, for this test alone. */
    private static final String MADE_IDENTITY =
            "AGE-SECRET-KEY-1MKZ2QE6EYR5SL6RNV53UUN9LCKEWJH34GL0D0DKHCSSYPYJKCKZSUP9X2H";

    private static final String MADE_RECIPIENT =
            "age1vxmqf8tusejs57a34ewphglpza3kyxlnw7tu4kfsaycrm2jgk3sqlgj0y8";

    @TempDir private Path folder;

    private static String text(IdentitySource source) {
        return source.load().toString();
    }

    @Test
    void an_identity_knows_its_recipient() {
        assertThat(Identities.parse(MADE_IDENTITY).fingerprints())
                .containsExactly(new Recipient(MADE_RECIPIENT).fingerprint());
    }

    @Test
    void a_file_of_several_with_words_between_is_read() {
        TestKey one = TestKey.create();
        TestKey two = TestKey.create();

        assertThat(Identities.parse("\n" + TestKey.file(one, two) + "  \n# end").fingerprints())
                .containsExactly(one.fingerprint(), two.fingerprint());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "'', no identity",
                "'# nothing', no identity",
                "'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p', line 1 is no",
                "'\n\nAGE-SECRET-KEY-1WRONG', line 3 is no",
                "'age-encryption.org/v1\n', encrypted themselves",
                "'-----BEGIN AGE ENCRYPTED FILE-----', encrypted themselves"
            })
    void what_holds_no_identity_is_refused(String text, String reason) {
        assertThatThrownBy(() -> Identities.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void a_secret_that_is_misspelt_is_not_repeated() {
        String wrong = MADE_IDENTITY.substring(0, 40) + "QQ" + MADE_IDENTITY.substring(42);

        assertThatThrownBy(() -> Identities.parse(wrong))
                .hasMessageNotContaining(wrong.substring(17, 40))
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "age1",
                "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q",
                "AGE1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J2ELW8ZMRJ2KG5SFN9AQMCAC8P",
                "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGg"
            })
    void what_is_no_recipient_is_refused(String text) {
        assertThatThrownBy(() -> new Recipient(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("age1");
    }

    @Test
    void an_identity_in_the_place_of_a_recipient_is_not_repeated() {
        for (String text : List.of(MADE_IDENTITY, MADE_IDENTITY.toLowerCase(Locale.ROOT))) {
            assertThatThrownBy(() -> new Recipient(text))
                    .hasMessageContaining("an identity, which is secret")
                    .hasMessageNotContaining(text.substring(17));
        }
    }

    @Test
    void recipients_are_read_from_a_file_too() throws IOException {
        TestKey one = TestKey.create();
        TestKey two = TestKey.create();
        Path file = folder.resolve("recipients");
        Files.writeString(
                file,
                "# ops\n" + one.recipient() + "\n\n" + two.recipient() + "\n" + one.recipient());

        assertThat(Recipients.read(file).fingerprints())
                .contains(one.fingerprint() + " " + two.fingerprint());
    }

    @Test
    void more_recipients_than_metadata_has_room_for_are_refused() {
        assertThatThrownBy(() ->
                        Recipients.of(
                                Stream.generate(() -> TestKey.create().recipient())
                                        .limit(17)
                                        .toList()))
                .hasMessageContaining("17 (expected: at most 16)");
        assertThat(Recipients.of(Collections.nCopies(17, MADE_RECIPIENT)).all()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "rw-------, true",
        "r--------, true",
        "r--r-----, true",
        "rw-r--r--, false",
        "rw----r--, false",
        "rw--w----, false",
        "rw-----w-, false"
    })
    void who_may_read_an_identity_file(String mode, boolean isAccepted) throws IOException {
        Path file = TestKey.write(folder.resolve("identity"), TestKey.create());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        IdentitySource source = new IdentitySource.OwnFile(file);

        if (isAccepted) {
            assertThat(text(source)).startsWith("identities of");
        } else {
            assertThatThrownBy(source::load)
                    .isInstanceOfSatisfying(
                            EncryptionException.class,
                            e -> assertThat(e.hint()).isEqualTo("chmod 600 " + file))
                    .hasMessageContaining(mode);
        }
    }

    @Test
    void a_source_that_has_none_says_what_is_expected() throws IOException {
        Path absent = folder.resolve("absent");
        Path wrong = TestKey.write(folder.resolve("wrong"));

        assertThatThrownBy(() -> new IdentitySource.OwnFile(absent).load())
                .hasMessage("identity file " + absent + ": no such file");
        assertThatThrownBy(() -> new IdentitySource.OwnFile(wrong).load())
                .hasMessageContaining(wrong + ": no identity");
        assertThatThrownBy(() -> new IdentitySource.Environment("KEY", Optional.empty()).load())
                .hasMessage("environment variable KEY: absent (expected: identities)");
    }

    @Test
    void nothing_secret_shows_itself() {
        TestKey key = TestKey.create();
        Keyring keyring = key.both();
        String secret = key.identity().substring(17);

        assertThat(keyring.toString()).doesNotContain(secret);
        assertThat(keyring.source().toString()).doesNotContain(secret);
        assertThat(keyring.identities().toString()).doesNotContain(secret);
    }
}
