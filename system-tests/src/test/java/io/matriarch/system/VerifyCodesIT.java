package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.cli.ExitStatus;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With which status {@code matriarch verify} ends, and what it says. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class VerifyCodesIT {

    private static final String BUNDLE = "/bundle-00001.tar.zst";

    @TempDir private Path scratch;
    private SmallRepository repository = new SmallRepository(Path.of(""));

    @BeforeEach
    void copy_a_small_repository() throws IOException {
        repository = SmallRepository.copyTo(scratch.resolve("repository"));
    }

    private Ended verify(String... options) throws InterruptedException {
        List<String> words = new ArrayList<>(List.of("verify"));
        words.addAll(List.of(options));
        words.addAll(List.of("--repository", "file://" + repository.root()));
        return Launcher.here().run(words.toArray(String[]::new));
    }

    private static void assertEnds(Ended ended, ExitStatus status) {
        assertThat(ended.status())
                .as("%s: %s%s", ended, ended.output(), ended.errors())
                .isEqualTo(status.code());
    }

    private void flip(String name) throws IOException {
        Path object = repository.object(name);
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length / 2] ^= 1;
        Files.write(object, bytes);
    }

    @Test
    void a_whole_archive() throws InterruptedException {
        Ended ended = verify();

        assertEnds(ended, ExitStatus.DONE);
        assertThat(ended.output()).contains("read back", "proven").doesNotContain("!");
        assertThat(ended.errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {BUNDLE, "/manifest.json.zst", "/backup.json"})
    void a_flipped_bit(String name) throws IOException, InterruptedException {
        flip(name);

        Ended ended = verify();

        assertEnds(ended, ExitStatus.UNHEALTHY);
        assertThat(ended.output()).contains("! object ", name + ": ").doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {BUNDLE, "/manifest.json.zst", "2.history"})
    void an_object_that_is_missing(String name) throws IOException, InterruptedException {
        Files.delete(repository.object(name));

        Ended ended = verify();

        assertEnds(ended, ExitStatus.UNHEALTHY);
        assertThat(ended.output()).contains("! object ", name + ": missing");
    }

    @Test
    void what_was_found_is_told_until_it_is_mended() throws IOException, InterruptedException {
        Path object = repository.object(BUNDLE);
        byte[] good = Files.readAllBytes(object);
        flip(BUNDLE);
        assertEnds(verify(), ExitStatus.UNHEALTHY);
        assertEnds(verify("--sample", "1kB"), ExitStatus.UNHEALTHY);

        Files.write(object, good);

        assertEnds(verify("--sample", "1kB"), ExitStatus.DONE);
    }

    @Test
    void the_same_as_json() throws IOException, InterruptedException {
        flip(BUNDLE);

        Ended ended = verify("--json");

        assertEnds(ended, ExitStatus.UNHEALTHY);
        JsonNode json = new ObjectMapper().readTree(ended.output());
        assertThat(json.path("well").isBoolean()).isTrue();
        assertThat(json.path("well").asBoolean()).isFalse();
        assertThat(json.path("durationMillis").isIntegralNumber()).isTrue();
        assertThat(json.path("present").asLong()).isGreaterThan(4);
        assertThat(json.path("neverProven").asLong()).isEqualTo(1);
        assertThat(json.path("damaged")).hasSize(1);
        assertThat(json.path("damaged").path(0).path("key").asText()).endsWith(BUNDLE);
        assertThat(json.path("damaged").path(0).path("missing").asBoolean()).isFalse();
    }

    @Test
    void a_cluster_that_has_archived_nothing_yet() throws IOException, InterruptedException {
        Path claim = repository.object("/claim.json");
        Path young = scratch.resolve("young").resolve(repository.root().relativize(claim));
        Files.createDirectories(young.getParent());
        Files.copy(claim, young);
        repository = new SmallRepository(scratch.resolve("young"));

        Ended ended = verify();

        assertEnds(ended, ExitStatus.DONE);
        assertThat(ended.output()).contains("nothing");
    }

    @Test
    void a_repository_that_is_not_there() throws InterruptedException {
        repository = new SmallRepository(scratch.resolve("nowhere"));

        assertEnds(verify(), ExitStatus.UNREACHABLE);
    }
}
