package io.matriarch.archiver.encryption;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real {@code age} reads what is written here, and the other way round; skipped without it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AgeProgramTest {

    @TempDir private Path folder;

    @BeforeAll
    static void age_is_here() {
        Assumptions.assumeTrue(
                List.of("/usr/bin/age", "/usr/local/bin/age").stream()
                        .anyMatch(it -> Files.isExecutable(Path.of(it))),
                "age is not installed: apt-get install age");
    }

    private byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private void run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    /** An identity that {@code age-keygen} has made, in the file as it leaves it. */
    private Keyring made() throws IOException, InterruptedException {
        run("age-keygen", "-o", "identity");
        run("sh", "-c", "age-keygen -y identity > recipient");
        return new Keyring(
                Recipients.read(folder.resolve("recipient")),
                new IdentitySource.OwnFile(folder.resolve("identity")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65_536, 1_000_003})
    void age_decrypts_what_is_written_here(int length) throws Exception {
        Keyring keyring = made();
        try (OutputStream out =
                keyring.encrypting(Files.newOutputStream(folder.resolve("encrypted")))) {
            out.write(content(length));
        }

        // With -o it would not make an empty file.
        run("sh", "-c", "age -d -i identity encrypted > plain");

        assertThat(folder.resolve("plain")).hasBinaryContent(content(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65_536, 1_000_003})
    void what_age_encrypts_is_read_here(int length) throws Exception {
        Keyring keyring = made();
        Files.write(folder.resolve("plain"), content(length));

        run("age", "-R", "recipient", "-o", "encrypted", "plain");

        try (InputStream in =
                keyring.decrypting(Files.newInputStream(folder.resolve("encrypted")))) {
            assertThat(in.readAllBytes()).isEqualTo(content(length));
        }
    }
}
