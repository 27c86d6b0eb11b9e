package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.cli.ExitStatus;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** JUnit warns of a link that leads out of the directory that it removes. */
    @AfterEach
    void removeLink() throws IOException {
        Files.deleteIfExists(home.resolve("lib/sidecar.aot"));
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

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambassador"})
    void what_a_sidecars_rehearsal_has_kept_is_used(String process)
            throws IOException, InterruptedException {
        placeKept();

        Ended ended = helpOf(process);

        assertThat(ended.errors()).isEmpty();
        assertThat(classesFromTheArchive()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambassador"})
    void what_was_kept_for_another_jar_is_left_aside_without_a_word(String process)
            throws IOException, InterruptedException {
        placeKept();
        Path jar = home.resolve("lib/matriarch.jar");
        FileTime built = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(built.toMillis() - 60_000));

        assertSaysOnlyHowToUseIt(process);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambassador"})
    void what_nobody_kept_for_a_sidecar_is_left_aside_without_a_word(String process)
            throws IOException, InterruptedException {
        Path kept = home.resolve("lib/sidecar.aot");

        assertSaysOnlyHowToUseIt(process);
        Files.write(kept, new byte[100_000]);
        assertSaysOnlyHowToUseIt(process);
        Files.delete(kept);
        Files.createSymbolicLink(kept, home.resolve("lib/replaced.aot"));
        assertSaysOnlyHowToUseIt(process);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambassador", "status"})
    void whoever_names_an_archive_of_classes_has_the_word(String process)
            throws IOException, InterruptedException {
        placeKept();

        Ended ended =
                new Launcher(home)
                        .run(Map.of("MATRIARCH_JAVA_OPTS", "-Xshare:off"), process, "--help");

        assertThat(ended.errors()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambassador", "status"})
    void a_place_with_a_blank_in_its_name_goes_without(String process)
            throws IOException, InterruptedException {
        placeKept();
        Path place = Files.createDirectory(home.resolve("a place"));
        Files.move(home.resolve("bin"), place.resolve("bin"));
        Files.move(home.resolve("lib"), place.resolve("lib"));

        Ended ended = new Launcher(place).run(process, "--help");

        assertThat(ended.errors()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    /** As a local cluster has it: another folder, the same jar by name, size and time. */
    private void placeKept() throws IOException, InterruptedException {
        Rehearsal.require();
        Files.copy(
                built.home().resolve("sidecar/target/matriarch.jar"),
                home.resolve("lib/matriarch.jar"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        Files.createSymbolicLink(home.resolve("lib/sidecar.aot"), Rehearsal.KEPT);
        Files.createSymbolicLink(home.resolve("lib/matriarch.aot"), Rehearsal.KEPT);
    }

    private void assertSaysOnlyHowToUseIt(String process) throws IOException, InterruptedException {
        Ended ended = helpOf(process);

        assertThat(ended.errors()).isEmpty();
        assertThat(ended.output()).startsWith("Usage: matriarch " + process);
        assertThat(ended.status()).isZero();
        assertThat(classesFromTheArchive()).isEmpty();
    }

    private Ended helpOf(String process) throws InterruptedException {
        String log = "-Xlog:class+load:file=" + home.resolve("classes.log");
        return new Launcher(home).run(Map.of("MATRIARCH_JAVA_OPTS", log), process, "--help");
    }

    private List<String> classesFromTheArchive() throws IOException {
        try (Stream<String> lines = Files.lines(home.resolve("classes.log"))) {
            return lines.filter(line ->
                            line.contains(" io.matriarch.")
                                    && line.contains("source: shared objects file"))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"ar, EG", "fa, IR"})
    void digits_are_the_ones_that_programs_read_whatever_the_locale(String language, String country)
            throws InterruptedException {
        String locale = "-Duser.language=" + language + " -Duser.country=" + country;

        Ended ended =
                built.run(
                        Map.of("MATRIARCH_JAVA_OPTS", locale + " -Dstdout.encoding=UTF-8"),
                        "restore",
                        "--latest",
                        "--repository",
                        rehearsed(),
                        "--target-dir",
                        home.resolve("restored").toString());

        assertThat(ended.errors() + ended.output()).isASCII().contains("restored 154 files");
        assertThat(ended.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "restore list --json --repository $REPOSITORY",
                "restore window --repository $REPOSITORY",
                "--version",
                "--help"
            })
    void output_that_cannot_be_written_is_a_failure(String command) throws InterruptedException {
        Ended ended = shell(command + " >/dev/full");

        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED.code());
        assertThat(ended.errors())
                .startsWith("matriarch: standard output could not be written")
                .contains("hint: ");
    }

    @Test
    void a_reader_that_has_read_enough_is_no_failure() throws InterruptedException {
        Ended ended =
                shell("restore list --json --repository $REPOSITORY | true; echo ${PIPESTATUS[0]}");

        assertThat(ended.errors()).isEmpty();
        assertThat(ended.output().strip()).isEqualTo("0");
    }

    private Ended shell(String words) throws InterruptedException {
        String program = built.home().resolve("bin/matriarch").toString();
        return Programs.run(
                Launcher.PATIENCE,
                Map.of("REPOSITORY", rehearsed()),
                List.of("bash", "-c", "'" + program + "' " + words));
    }

    private String rehearsed() {
        return "file://" + built.home().resolve("sidecar/src/aot/repository");
    }

    private static void assertSaysOnlyItsVersion(Ended ended) {
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.output()).matches("matriarch \\S+, Java \\d+\\S*\\R");
        assertThat(ended.status()).isZero();
    }
}
