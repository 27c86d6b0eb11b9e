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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code bin/restore --from} says and how it ends. The repository is the small one of the
 * source tree, its objects laid out as WAL-E lays out its own: tars are tars, and what they are
 * packed with is known by their first bytes.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ForeignCodesIT {

    private static final String BACKUP = "base_000000020000000000000052_00000040";
    private static final String LAST = "000000020000000000000053";

    private final Path tree = Launcher.here().home();

    @TempDir private Path scratch;
    private Path own = Path.of("");
    private Path foreign = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void lay_a_repository_out_anew() throws IOException {
        own = SmallRepository.copyTo(scratch.resolve("own")).root();
        foreign = scratch.resolve("foreign");
        target = scratch.resolve("target");
        Path parts = foreign.resolve("basebackups_005/" + BACKUP + "/tar_partitions");
        Path log = foreign.resolve("wal_005");
        Files.createDirectories(parts);
        Files.createDirectories(log);
        int number = 0;
        for (Path file : files(own)) {
            String name = file.getFileName().toString();
            if (name.startsWith("bundle-")) {
                Files.copy(file, parts.resolve("part_%08d.tar.lzo".formatted(number++)));
            } else if (file.toString().contains("/wal/")) {
                Files.copy(file, log.resolve(name.replace(".zst", ".lzo")));
            }
        }
        Files.writeString(
                parts.resolveSibling("extended_version.txt"), "PostgreSQL 15.18 on x86_64");
        Files.writeString(
                foreign.resolve("basebackups_005/" + BACKUP + "_backup_stop_sentinel.json"),
                """
                {"wal_segment_backup_stop": "000000020000000000000052",
                 "wal_segment_offset_backup_stop": "00000256", "expanded_size_bytes": 34605754,
                 "spec": {"base_prefix": "/data", "tablespaces": []}}
                """);
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private Ended restore(String... words) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(tree.resolve("bin/restore").toString());
        command.addAll(List.of(words));
        return Programs.run(Launcher.PATIENCE, Map.of(), command);
    }

    private void assertSays(Ended ended, ExitStatus status, String... words) {
        assertThat(ended.status()).as("%s: %s", ended, ended.errors()).isEqualTo(status.code());
        assertThat(ended.errors())
                .startsWith("matriarch: ")
                .contains("hint: ")
                .contains(words)
                .doesNotContain("Exception");
        assertThat(target).doesNotExist();
    }

    @Test
    void it_is_listed_and_drawn() throws InterruptedException {
        Ended list = restore("list", "--from", "wal-e://" + foreign);
        assertThat(list.status()).as("%s", list.errors()).isZero();
        assertThat(list.output())
                .contains("repository wal-e://" + foreign)
                .contains("system 7713405246123483332")
                .contains(BACKUP)
                .contains("along timeline 2");

        Ended window = restore("window", "--from", "wal-e://" + foreign);
        assertThat(window.status()).as("%s", window.errors()).isZero();
        assertThat(window.output()).contains("timeline 2").contains("reachable");
    }

    @Test
    void it_is_restored_and_what_is_not_proven_is_said() throws Exception {
        Ended ended =
                restore("--from", "wal-g://" + foreign, "--latest", "--target-dir", target + "");

        assertThat(ended.status()).as("%s", ended.errors()).isZero();
        assertThat(ended.output()).contains("next      WAL-E and WAL-G keep no checksum");
        assertThat(target.resolve("global/pg_control")).exists();
        assertThat(target.resolve("pg_wal/matriarch/" + LAST)).hasSize(16 << 20);
        assertThat(target.resolve("backup_label")).content().contains("START WAL LOCATION");
    }

    /** The old tool has all but the last segment, and our own repository has nothing else. */
    @Test
    void the_log_is_taken_from_both() throws Exception {
        Files.delete(foreign.resolve("wal_005/" + LAST + ".lzo"));
        for (Path file : files(own)) {
            boolean isOldLog = file.toString().contains("/wal/") && !file.toString().contains(LAST);
            if (isOldLog || file.toString().contains("/backups/")) {
                Files.delete(file);
            }
        }

        Ended ended =
                restore(
                        "--from",
                        "wal-e://" + foreign,
                        "--repository",
                        "file://" + own,
                        "--latest",
                        "--target-dir",
                        target.toString());

        assertThat(ended.status()).as("%s", ended.errors()).isZero();
        assertThat(target.resolve("pg_wal/matriarch/" + LAST)).hasSize(16 << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://bucket/prefix", "/srv/old", "wal-g://s3://bucket"})
    void a_url_of_another_kind_is_refused(String url) throws InterruptedException {
        assertSays(
                restore("--from", url, "--latest", "--target-dir", target.toString()),
                ExitStatus.USAGE,
                "expected: wal-g://bucket/prefix or wal-g:///directory");
    }

    @Test
    void what_cannot_be_is_refused_in_a_sentence() throws Exception {
        String from = "wal-e://" + foreign;
        String into = target.toString();

        assertSays(
                restore("--from", from, "--latest", "--delta", "--target-dir", into),
                ExitStatus.REFUSED,
                "--delta: WAL-E and WAL-G keep no checksum");
        assertSays(
                restore("--from", "wal-g://" + own, "--latest", "--target-dir", into),
                ExitStatus.REFUSED,
                "no backup of WAL-E or WAL-G is there");
        assertSays(
                restore("--from", from, "--system", "7", "--latest", "--target-dir", into),
                ExitStatus.REFUSED,
                "of system 7713405246123483332 (expected: 7)");
        Files.delete(
                foreign.resolve(
                        "basebackups_005/" + BACKUP + "/tar_partitions/part_00000001.tar.lzo"));
        assertSays(
                restore("--from", from, "--latest", "--target-dir", into),
                ExitStatus.REFUSED,
                "number 1 is missing");
    }
}
