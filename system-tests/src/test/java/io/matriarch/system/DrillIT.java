package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.cli.ExitStatus;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.RunningCluster;
import io.matriarch.postgres.datadir.PostmasterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Drills of a living cluster's archive, by hand. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DrillIT {

    private static final String ENDLESS = "SELECT pg_sleep(3600)";

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "1", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();
    private final Path scratch = CLUSTER.beside("s");

    @BeforeEach
    void a_backup() throws IOException, InterruptedException {
        Files.createDirectories(scratch);
        if (cluster.command("backups", "--json").json().path("backups").isEmpty()) {
            cluster.command("backup").orFail();
        }
    }

    private String[] options(String... more) {
        List<String> options = new ArrayList<>(List.of("--scratch-dir", scratch.toString()));
        String owner = cluster.owner().user();
        if (owner != null) {
            options.addAll(List.of("--owner", owner));
        }
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    private Ended drill(String... more) throws InterruptedException {
        return cluster.command("drill", options(more));
    }

    private static void assertEnds(Ended ended, ExitStatus status) {
        assertThat(ended.status())
                .as("%s: %s%s", ended, ended.output(), ended.errors())
                .isEqualTo(status.code());
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> entries = Files.list(scratch)) {
            return entries.filter(it -> it.getFileName().toString().startsWith("matriarch-drill-"))
                    .toList();
        }
    }

    @Test
    void one_that_proves_the_archive_is_told_of_everywhere() throws Exception {
        Ended ended = drill("--json", "--seed", "42", "--query", "SELECT count(*) FROM pg_class");

        assertEnds(ended, ExitStatus.DONE);
        JsonNode json = ended.json();
        assertThat(json.path("well").asBoolean()).isTrue();
        assertThat(json.path("seed").asLong()).isEqualTo(42);
        assertThat(json.path("target").isTextual()).isTrue();
        assertThat(json.path("source").path("backup").isTextual()).isTrue();
        assertThat(json.path("reached").path("lsn").asText()).contains("/");
        assertThat(json.path("reached").path("segments").isIntegralNumber()).isTrue();
        assertThat(json.path("phaseMillis").properties())
                .extracting(it -> it.getKey())
                .containsExactly("plan", "restore", "replay", "check", "query");
        assertThat(json.path("rtoMillis").asLong()).isPositive();
        assertThat(json.path("rpoMillis").isIntegralNumber()).isTrue();
        assertThat(json.path("checks").findValuesAsText("outcome")).containsOnly("passed");
        assertThat(json.has("failure")).isFalse();
        assertThat(left()).isEmpty();

        JsonNode drilled =
                cluster.command("status", "--json").json().path("archive").path("drilled");
        assertThat(drilled.path("rtoMillis")).isEqualTo(json.path("rtoMillis"));
        assertThat(drilled.path("backup")).isEqualTo(json.path("source").path("backup"));
        Ended window =
                Launcher.here()
                        .run("restore", "window", "--dir", cluster.root().toString(), "--json");
        assertThat(window.json().path("drilled").path("rtoMillis"))
                .isEqualTo(json.path("rtoMillis"));
    }

    @Test
    void a_bit_of_the_backup_that_flips_fails_it_and_status_says_so() throws Exception {
        Path bundle = bundle();
        byte[] good = Files.readAllBytes(bundle);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(bundle, bad);
        Ended ended;
        try {
            ended = drill();
        } finally {
            Files.write(bundle, good);
        }

        assertEnds(ended, ExitStatus.UNHEALTHY);
        assertThat(ended.output())
                .contains("! failed at restore: object ", bundle.getFileName().toString())
                .doesNotContain("Exception");
        assertThat(left()).isEmpty();
        Ended status = cluster.command("status");
        assertEnds(status, ExitStatus.UNHEALTHY);
        assertThat(status.output()).contains("! archive: the last drill failed at restore: object");

        assertEnds(drill(), ExitStatus.DONE);
        assertEnds(cluster.command("status"), ExitStatus.DONE);
    }

    private Path bundle() throws IOException {
        try (Stream<Path> all = Files.walk(cluster.root().resolve("archive/local"))) {
            return all.filter(it -> it.getFileName().toString().startsWith("bundle-"))
                    .max((one, other) ->
                            Long.compare(one.toFile().length(), other.toFile().length()))
                    .orElseThrow();
        }
    }

    @Test
    void what_is_asked_for_decides_too() throws Exception {
        Ended refuted = drill("--moment", "latest", "--query", "SELECT false");
        assertEnds(refuted, ExitStatus.UNHEALTHY);
        assertThat(refuted.output()).contains("failed at query: query: 1 row");

        Ended never = drill("--moment", "2031-01-01 00:00:00Z");
        assertEnds(never, ExitStatus.REFUSED);

        Ended nonsense = drill("--moment", "yesterday");
        assertEnds(nonsense, ExitStatus.USAGE);
        assertThat(nonsense.errors()).contains("hint: --moment takes random, latest");

        Ended programless = drill("--programs", scratch.toString());
        assertEnds(programless, ExitStatus.REFUSED);
        assertThat(programless.errors()).contains("holds no pg_ctl");

        Ended placeless = drill("--scratch-dir", scratch.resolve("no").toString());
        assertThat(placeless.status()).isNotEqualTo(ExitStatus.DONE.code());
        assertThat(placeless.errors()).doesNotContain("Exception").contains("scratch");
    }

    @Test
    void what_is_kept_is_told_of_and_stays() throws Exception {
        Ended ended = drill("--keep", "--json");

        assertEnds(ended, ExitStatus.DONE);
        Path kept = Path.of(ended.json().path("kept").asText());
        assertThat(kept.resolve("data/PG_VERSION")).exists();
        assertThat(isLive(kept)).isFalse();
        Ended next = drill();
        assertThat(next.errors()).contains("an earlier drill was told to keep " + kept);
        assertThat(kept).exists();
        Files.delete(kept.resolve("kept"));
        assertEnds(drill(), ExitStatus.DONE);
        assertThat(left()).isEmpty();
    }

    private static boolean isLive(Path folder) throws IOException {
        return PostmasterFile.of(folder.resolve("data")).filter(PostmasterFile::isLive).isPresent();
    }

    @Test
    void what_a_killed_one_has_left_is_swept_by_the_next() throws Exception {
        Process drill = beginEndless();
        drill.destroyForcibly();
        assertThat(drill.waitFor(1, TimeUnit.MINUTES)).isTrue();
        Path folder = left().getFirst();
        assertThat(isLive(folder)).as("nobody has told the server").isTrue();
        long server =
                Long.parseLong(
                        Files.readAllLines(folder.resolve("data/postmaster.pid")).getFirst());

        assertEnds(drill(), ExitStatus.DONE);

        assertThat(left()).isEmpty();
        assertThat(ProcessHandle.of(server)).isEmpty();
    }

    @Test
    void one_that_is_told_to_end_leaves_nothing() throws Exception {
        Process drill = beginEndless();
        Path folder = left().getFirst();
        long server =
                Long.parseLong(
                        Files.readAllLines(folder.resolve("data/postmaster.pid")).getFirst());

        drill.destroy();

        assertThat(drill.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(left()).isEmpty();
        await("the server is gone")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> ProcessHandle.of(server).isEmpty());
    }

    /** One that asks its server something that takes for ever. */
    private Process beginEndless() throws IOException {
        Path told = CLUSTER.beside("told");
        List<String> words = new ArrayList<>();
        words.add(Launcher.here().home().resolve("bin/matriarch").toString());
        words.addAll(List.of("drill", "--dir", cluster.root().toString()));
        words.addAll(List.of(options("--query", ENDLESS)));
        Process drill =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(told.toFile())
                        .start();
        await("it asks")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> Files.readString(told).contains("phase: query"));
        return drill;
    }
}
