package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PostmasterFileTest {

    @TempDir private Path directory;

    private PostmasterFile file(String text) throws IOException {
        Files.writeString(directory.resolve("postmaster.pid"), text);
        return PostmasterFile.of(directory).orElseThrow();
    }

    private Process worker(Path folder) throws IOException {
        return new ProcessBuilder("cat").directory(folder.toFile()).start();
    }

    @Test
    void without_the_file_there_is_none() throws IOException {
        assertThat(PostmasterFile.of(directory)).isEmpty();
        assertThat(PostmasterFile.of(directory.resolve("absent"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-"})
    void a_process_that_works_in_the_directory_is_the_server(String sign) throws IOException {
        Process process = worker(directory);
        try {
            assertThat(file(sign + process.pid() + "\n").isLive()).isTrue();
        } finally {
            process.destroy();
        }
    }

    @Test
    void the_directory_may_have_been_named_by_a_link() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        Process process = worker(directory);
        try {
            file(process.pid() + "\n");

            assertThat(PostmasterFile.of(link).orElseThrow().isLive()).isTrue();
        } finally {
            process.destroy();
        }
    }

    @Test
    void a_process_that_works_elsewhere_has_only_got_the_number() throws IOException {
        Process process = worker(Files.createDirectory(directory.resolve("base")));
        try {
            assertThat(file(process.pid() + "\n").isLive()).isFalse();
        } finally {
            process.destroy();
        }
    }

    @Test
    void a_process_that_has_ended_is_no_server() throws Exception {
        Process process = worker(directory);
        process.destroy();
        process.waitFor();

        assertThat(file(process.pid() + "\n").isLive()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "x\n", "99999999999999999999\n"})
    void without_a_number_there_is_no_server(String text) throws IOException {
        assertThat(file(text).isLive()).isFalse();
    }

    @Test
    void it_says_where_the_server_listens() throws IOException {
        PostmasterFile file =
                file("7\n/data\n1790000000\n5433\n/run/sockets\nlocalhost\n 1 2\nready   \n");

        assertThat(file.port()).contains(5433);
        assertThat(file.socketFolder()).contains(Path.of("/run/sockets"));
        assertThat(file.status()).contains("ready");
    }

    @Test
    void a_server_that_has_just_begun_has_not_said_it_yet() throws IOException {
        assertThat(file("7\n/data\n1790000000\n5433\n\n").socketFolder()).isEmpty();
        assertThat(file("7\n").port()).isEqualTo(Optional.empty());
        assertThat(file("7\n").status()).isEmpty();
    }
}
