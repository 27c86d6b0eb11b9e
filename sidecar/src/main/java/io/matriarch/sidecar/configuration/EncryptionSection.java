package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.encryption.EncryptionException;
import io.matriarch.archiver.encryption.IdentitySource;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.KmsCiphertext;
import io.matriarch.archiver.encryption.Recipients;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** For whom the repository's content is encrypted, and with what this host decrypts it. */
final class EncryptionSection {

    /** The section's name within {@code repository}. */
    static final String NAME = "encryption";

    private static final String IDENTITIES = "repository.encryption.identities";
    private static final String FILE = "the path of a file";

    private EncryptionSection() {}

    /** What is configured; no identity is looked at before it is needed. */
    static Keyring keyring(Section root) {
        Section encryption = root.section("repository").section(NAME);
        return new Keyring(recipients(encryption), source(encryption.section("identities")));
    }

    /**
     * The same for who is to start with it: what can be found wrong on this host is found now.
     * Somebody else who must be asked may be away for a while.
     */
    static Keyring checkedKeyring(Section root) {
        Keyring keyring = keyring(root);
        if (!keyring.source().isRemote()) {
            try {
                keyring.identities();
            } catch (EncryptionException e) {
                throw new ConfigurationException(
                        IDENTITIES + ": " + e.getMessage() + "; " + e.hint(), e);
            }
        }
        return keyring;
    }

    private static Recipients recipients(Section encryption) {
        try {
            Recipients listed = Recipients.of(encryption.list("recipients"));
            return encryption
                    .text("recipients-file")
                    .map(file -> listed.and(Recipients.read(Path.of(file))))
                    .orElse(listed);
        } catch (UncheckedIOException e) {
            throw new ConfigurationException(
                    "repository.encryption.recipients-file: cannot be read (expected: a file of"
                            + " one recipient a line): "
                            + e.getCause(),
                    e);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("repository.encryption: " + e.getMessage(), e);
        }
    }

    private static IdentitySource source(Section identities) {
        List<String> named =
                List.of("file", "environment", "kms").stream().filter(identities::has).toList();
        if (named.size() > 1) {
            throw new ConfigurationException(
                    IDENTITIES
                            + ": "
                            + named
                            + " (expected: one of them; a file may hold several)");
        }
        return switch (named.isEmpty() ? "" : named.getFirst()) {
            case "file" -> new IdentitySource.OwnFile(identities.required("file", FILE, Path::of));
            case "environment" ->
                    IdentitySource.Environment.of(
                            identities.required("environment", "a variable's name"));
            case "kms" -> managed(identities.section("kms"));
            default -> new IdentitySource.None();
        };
    }

    private static IdentitySource managed(Section kms) {
        return new IdentitySource.Managed(
                new KmsCiphertext(
                        kms.required("file", FILE, Path::of),
                        kms.text("region"),
                        kms.text("endpoint").map(URI::create)));
    }
}
