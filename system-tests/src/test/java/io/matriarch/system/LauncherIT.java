package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in a place of its own, with and without what the JVM kept of a rehearsal. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LauncherIT {

    private final Launcher built = Launcher.here();

    @TempDir private Path home;

    @BeforeEach
    void install() throws IOException {
        Files.createDirectory(home.resolve("bin"));
        Files.createDirectory(home.resolve("lib"));
        for (String program : new String[] {"matriarch", "restore", "jdk-home"}) {
            Files.copy(built.home().resolve("bin/" + program), home.resolve("bin/" + program));
        }
        Files.copy(
                built.home().resolve("sidecar/target/matriarch.jar"),
                home.resolve("lib/matriarch.jar"));
    }

    @Test
    void it_runs_where_nothing_was_rehearsed() throws InterruptedException {
        assertSaysOnlyItsVersion(new Launcher(home).run("--version"));
    }

    @Test
    void what_was_kept_and_does_not_fit_is_left_aside_without_a_word()
            throws IOException, InterruptedException {
        Path kept = home.resolve("lib/matriarch.aot");
        Files.write(kept, new byte[100_000]);
        FileTime jar = Files.getLastModifiedTime(home.resolve("lib/matriarch.jar"));
        Files.setLastModifiedTime(kept, FileTime.fromMillis(jar.toMillis() + 5_000));

        assertSaysOnlyItsVersion(new Launcher(home).run("--version"));
    }

    private static void assertSaysOnlyItsVersion(Ended ended) {
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.output()).matches("matriarch \\S+, Java \\d+\\S*\\R");
        assertThat(ended.status()).isZero();
    }
}
