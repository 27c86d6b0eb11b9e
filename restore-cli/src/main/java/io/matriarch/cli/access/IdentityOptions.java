package io.matriarch.cli.access;

import io.matriarch.archiver.encryption.IdentitySource;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.KmsCiphertext;
import io.matriarch.cli.CommandFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** With what an encrypted repository is decrypted. */
public final class IdentityOptions {

    /** Holds the content of an identity file. */
    private static final String VARIABLE = "MATRIARCH_IDENTITY";

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description = {
                "The identities of an encrypted repository, as age-keygen writes them.",
                "Without it: the variable MATRIARCH_IDENTITY, or what --config FILE says."
            })
    private @Nullable Path file;

    @Option(
            names = "--identity-kms",
            paramLabel = "FILE",
            description = "The same, as 'aws kms encrypt' has encrypted it.")
    private @Nullable Path managed;

    public IdentityOptions() {}

    /** What was named for this command, or else what is configured. */
    Keyring of(Keyring configured) {
        if (file != null && managed != null) {
            throw CommandFailure.usage(
                    "--identity and --identity-kms are both named (expected: one of them)",
                    "leave one out; a file may hold several identities");
        }
        if (file != null) {
            return configured.withIdentities(new IdentitySource.OwnFile(file));
        }
        if (managed != null) {
            return configured.withIdentities(
                    new IdentitySource.Managed(
                            new KmsCiphertext(managed, Optional.empty(), Optional.empty())));
        }
        return System.getenv(VARIABLE) == null
                ? configured
                : configured.withIdentities(IdentitySource.Environment.of(VARIABLE));
    }
}
