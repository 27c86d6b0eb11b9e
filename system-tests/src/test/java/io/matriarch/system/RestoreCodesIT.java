package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.cli.ExitStatus;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With which status {@code bin/restore} ends when something is wrong with a repository. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreCodesIT {

    private static final Pattern OFFER = Pattern.compile("--lsn (\\S+) --exclusive");

    private final Path tree = Launcher.here().home();

    @TempDir private Path scratch;
    private Path repository = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void copy_a_small_repository() throws IOException {
        repository = SmallRepository.copyTo(scratch.resolve("repository")).root();
        target = scratch.resolve("target");
    }

    /** The one object whose key ends so. */
    private Path object(String end) throws IOException {
        return new SmallRepository(repository).object(end);
    }

    private Ended restore(String... words) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(tree.resolve("bin/restore").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("--repository", "file://" + repository));
        return Programs.run(Launcher.PATIENCE, Map.of(), command);
    }

    private Ended into(Path directory, String... words) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--target-dir", directory.toString()));
        return restore(all.toArray(String[]::new));
    }

    private void assertRefused(Ended ended, String... words) {
        assertSays(ended, ExitStatus.REFUSED, words);
        assertThat(target).doesNotExist();
    }

    private static void assertSays(Ended ended, ExitStatus status, String... words) {
        assertThat(ended.status()).as("%s: %s", ended, ended.errors()).isEqualTo(status.code());
        assertThat(ended.errors())
                .startsWith("matriarch: ")
                .contains("hint: ")
                .contains(words)
                .doesNotContain("Exception");
    }

    @Test
    void what_is_whole_is_restored() throws InterruptedException {
        Ended ended = into(target, "--latest");

        assertThat(ended.status()).as("%s", ended.errors()).isZero();
        assertThat(target.resolve("global/pg_control")).exists();
    }

    @Test
    void a_lost_history() throws IOException, InterruptedException {
        Files.delete(object("/00000002.history"));

        assertRefused(into(target, "--latest"), "00000002.history");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bundle-00005.tar.zst", "/manifest.json.zst"})
    void an_object_that_is_missing(String name) throws IOException, InterruptedException {
        Files.delete(object(name));

        assertRefused(into(target, "--latest", "--dry-run"), name, "missing");
        assertRefused(into(target, "--latest"), name, "missing");
    }

    @ParameterizedTest
    @CsvSource({
        "--point-in-time, 2001-01-01 00:00:00Z, before the end of the oldest",
        "--point-in-time, 2101-01-01 00:00:00Z, archived WAL ends at about",
        "--lsn, 0/1000000, before the end of the oldest",
        "--lsn, FF/0, archived WAL ends at 0/54000000"
    })
    void a_target_that_cannot_be_reached(String option, String value, String reason)
            throws InterruptedException {
        assertRefused(into(target, option, value), reason);
    }

    @ParameterizedTest
    @CsvSource({"--timeline, 7", "--backup, 20010101T000000Z-00000000"})
    void a_way_that_does_not_exist(String option, String value) throws InterruptedException {
        assertRefused(into(target, "--latest", option, value), value);
    }

    @Test
    void a_gap_and_what_the_refusal_offers_instead() throws IOException, InterruptedException {
        Path last = object("/000000020000000000000053.zst");
        Files.move(last, last.resolveSibling("000000020000000000000054.zst"));

        Ended refused = into(target, "--latest");

        assertRefused(refused, "000000020000000000000053");
        Matcher offer = OFFER.matcher(refused.errors());
        assertThat(offer.find()).as(refused.errors()).isTrue();
        Ended offered = into(target, "--lsn", offer.group(1), "--exclusive");
        assertThat(offered.status()).as("%s", offered.errors()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "window"})
    void a_repository_that_is_empty(String command) throws IOException, InterruptedException {
        repository = Files.createDirectory(scratch.resolve("empty"));

        assertRefused(restore(command), repository.toString(), "holds no cluster");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "window"})
    void a_cluster_that_has_archived_nothing_yet(String command)
            throws IOException, InterruptedException {
        Path claim = object("/claim.json");
        Path young = scratch.resolve("young").resolve(repository.relativize(claim));
        Files.createDirectories(young.getParent());
        Files.copy(claim, young);
        repository = scratch.resolve("young");

        Ended ended = restore(command);

        assertThat(ended.status()).as("%s", ended.errors()).isZero();
        assertThat(ended.output()).contains("nothing");
        assertRefused(into(target, "--latest"), "no base backup");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "window"})
    void a_repository_that_is_not_there(String command) throws InterruptedException {
        repository = scratch.resolve("nowhere");

        assertSays(restore(command), ExitStatus.UNREACHABLE, repository.toString());
    }
}
