package io.matriarch.archiver.encryption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Where this host has its identities from. */
public sealed interface IdentitySource {

    /** Nowhere: it can write, and not read. */
    record None() implements IdentitySource {}

    /** A file as {@code age-keygen} writes it, which nobody else may read. */
    record OwnFile(Path path) implements IdentitySource {}

    /**
     * The same text in a variable of the environment.
     *
     * @param value what it holds; empty if there is no such variable
     */
    record Environment(String name, Optional<Hidden> value) implements IdentitySource {

        /** The variable as it is now. */
        public static Environment of(String name) {
            return new Environment(name, Optional.ofNullable(System.getenv(name)).map(Hidden::new));
        }
    }

    /** A text that does not show itself. */
    record Hidden(String reveal) {

        @Override
        public String toString() {
            return "(secret)";
        }
    }

    /** The same text as {@code aws kms encrypt} has encrypted it. */
    record Managed(KmsCiphertext ciphertext) implements IdentitySource {}

    /** Whether they can be had only while somebody else answers. */
    default boolean isRemote() {
        return this instanceof Managed;
    }

    /**
     * Gets them.
     *
     * @throws EncryptionException if they cannot be had
     */
    default Identities load() {
        return switch (this) {
            case None() -> Identities.NONE;
            case OwnFile(Path path) -> parsed("identity file " + path, read(path));
            case Environment(String name, Optional<Hidden> value) ->
                    parsed(
                            "environment variable " + name,
                            value.orElseThrow(() ->
                                            new EncryptionException(
                                                    "environment variable "
                                                            + name
                                                            + ": absent (expected: identities)",
                                                    "set it to the content of an identity file"))
                                    .reveal());
            case Managed(KmsCiphertext ciphertext) ->
                    parsed(
                            "identity file " + ciphertext.file() + ", decrypted by KMS",
                            ciphertext.plaintext());
        };
    }

    private static Identities parsed(String from, String text) {
        try {
            return Identities.parse(text);
        } catch (IllegalArgumentException e) {
            throw new EncryptionException(
                    from + ": " + e.getMessage(), "make one with 'age-keygen', and keep it safe");
        }
    }

    private static String read(Path path) {
        try {
            requirePrivate(path);
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new EncryptionException(
                    "identity file "
                            + path
                            + ": "
                            + (e instanceof NoSuchFileException
                                    ? "no such file"
                                    : "cannot be read: " + e.getMessage()),
                    "name a file that holds the identity and that this user may read");
        }
    }

    /** A group may read it: secrets that an orchestrator mounts belong to one. */
    private static void requirePrivate(Path path) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
        boolean isOpen =
                mode.contains(PosixFilePermission.OTHERS_READ)
                        || mode.contains(PosixFilePermission.OTHERS_WRITE)
                        || mode.contains(PosixFilePermission.GROUP_WRITE);
        if (isOpen) {
            throw new EncryptionException(
                    "identity file "
                            + path
                            + ": its mode is "
                            + PosixFilePermissions.toString(mode)
                            + " (expected: that only its owner, or a group, may read it)",
                    "chmod 600 " + path);
        }
    }
}
