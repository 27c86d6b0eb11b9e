package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A pair as {@code age-keygen} makes it. */
public record TestKey(String identity, String recipient) {

    public static TestKey create() {
        try {
            KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
            return new TestKey(
                    new String(pair.getPrivate().getEncoded(), StandardCharsets.US_ASCII),
                    new String(pair.getPublic().getEncoded(), StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public String fingerprint() {
        return new Recipient(recipient).fingerprint();
    }

    /** The content of an identity file. */
    public static String file(TestKey... keys) {
        return Stream.of(keys)
                .map(key ->
                        "# created: 2026-12-01T00:00:00Z\n# public key: "
                                + key.recipient
                                + "\n"
                                + key.identity
                                + "\n")
                .collect(Collectors.joining());
    }

    /** Writes an identity file that nobody else may read. */
    public static Path write(Path file, TestKey... keys) throws IOException {
        Files.writeString(file, file(keys));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** A host that writes for {@code recipients} and cannot read. */
    public static Keyring writingFor(TestKey... recipients) {
        return new Keyring(
                Recipients.of(Stream.of(recipients).map(TestKey::recipient).toList()),
                new IdentitySource.None());
    }

    /** A host that only reads. */
    public static Keyring readingWith(TestKey... identities) {
        return readingWith(Keyring.NONE, identities);
    }

    /** The same host, which can read. */
    public static Keyring readingWith(Keyring writing, TestKey... identities) {
        return writing.withIdentities(
                new IdentitySource.Environment(
                        "TEST_IDENTITY",
                        List.of(file(identities)).stream()
                                .map(IdentitySource.Hidden::new)
                                .findFirst()));
    }

    /** A host that writes for a key and reads with it. */
    public Keyring both() {
        return readingWith(writingFor(this), this);
    }
}
