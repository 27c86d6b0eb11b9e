package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.encryption.EncryptedCopy;
import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.cli.ExitStatus;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person at {@code bin/restore} is told of an encrypted repository. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EncryptedRepositoryIT {

    private final Path tree = Launcher.here().home();
    private final TestKey key = TestKey.create();
    private final TestKey other = TestKey.create();

    @TempDir private Path scratch;
    private Path repository = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void a_small_repository_that_is_encrypted() throws IOException {
        repository = SmallRepository.copyTo(scratch.resolve("repository")).root();
        EncryptedCopy.encrypt(repository, TestKey.writingFor(key));
        target = scratch.resolve("target");
    }

    private Ended matriarch(Map<String, String> environment, String... words)
            throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(tree.resolve("bin/matriarch").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("--repository", "file://" + repository));
        return Programs.run(Launcher.PATIENCE, environment, command);
    }

    private Ended restore(Map<String, String> environment, String... words)
            throws InterruptedException {
        List<String> all = new ArrayList<>(List.of("restore", "--latest"));
        all.addAll(List.of("--target-dir", target.toString()));
        all.addAll(List.of(words));
        return matriarch(environment, all.toArray(String[]::new));
    }

    private Path identity(TestKey... keys) throws IOException {
        return TestKey.write(scratch.resolve("identity.txt"), keys);
    }

    private void assertRefused(Ended ended, String... words) {
        assertThat(ended.status())
                .as("%s: %s", ended, ended.errors())
                .isEqualTo(ExitStatus.REFUSED.code());
        assertThat(ended.errors())
                .startsWith("matriarch: ")
                .contains("hint: ")
                .contains(words)
                .doesNotContain("Exception");
        assertThat(ended.errors().lines()).hasSize(2);
        assertThat(target).doesNotExist();
    }

    private void assertRestored(Ended ended) {
        assertThat(ended.status()).as("%s", ended.errors()).isZero();
        assertThat(target.resolve("global/pg_control")).exists();
    }

    @Test
    void an_identity_file_restores() throws IOException, InterruptedException {
        assertRestored(restore(Map.of(), "--identity", identity(other, key).toString()));
    }

    @Test
    void an_identity_in_the_environment_restores() throws InterruptedException {
        assertRestored(restore(Map.of("MATRIARCH_IDENTITY", TestKey.file(key))));
    }

    @Test
    void without_an_identity_it_is_said_which_object_needs_one() throws InterruptedException {
        assertRefused(
                restore(Map.of()),
                "manifest.json.zst: is encrypted, and this host has no identity",
                "--identity FILE");
    }

    @Test
    void a_wrong_identity_is_named_by_its_fingerprint() throws IOException, InterruptedException {
        assertRefused(
                restore(Map.of(), "--identity", identity(other).toString()),
                "manifest.json.zst: is encrypted, and none of the identities here fits: "
                        + other.fingerprint());
    }

    @Test
    void a_file_that_is_not_there_or_that_others_can_read()
            throws IOException, InterruptedException {
        assertRefused(
                restore(Map.of(), "--identity", scratch.resolve("absent").toString()),
                "the identities cannot be had",
                "absent: no such file");

        Path open = identity(key);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertRefused(
                restore(Map.of(), "--identity", open.toString()),
                "its mode is rw-r--r--",
                "chmod 600 " + open);
    }

    @Test
    void two_sources_of_identities_are_a_usage_error() throws IOException, InterruptedException {
        Ended ended =
                restore(
                        Map.of(),
                        "--identity",
                        identity(key).toString(),
                        "--identity-kms",
                        identity(key).toString());

        assertThat(ended.status()).isEqualTo(ExitStatus.USAGE.code());
    }

    @Test
    void what_there_is_can_be_listed_by_who_cannot_read_it() throws InterruptedException {
        Ended listed = matriarch(Map.of(), "restore", "list");

        assertThat(listed.status()).as(listed.errors()).isZero();
        assertThat(listed.output()).contains("restorable");
    }

    /** A copy has lost its metadata: of WAL nothing can be said, of bundles what is stored. */
    @Test
    void verify_tells_what_it_could_not_read() throws IOException, InterruptedException {
        Ended locked = matriarch(Map.of(), "verify", "--sample", "all");
        assertThat(locked.status()).as(locked.errors()).isZero();
        assertThat(locked.output()).contains("encrypted for others");

        Ended read =
                matriarch(
                        Map.of(),
                        "verify",
                        "--sample",
                        "all",
                        "--identity",
                        identity(key).toString());
        assertThat(read.status()).as(read.errors()).isZero();
        assertThat(read.output()).doesNotContain("encrypted for others");
    }
}
