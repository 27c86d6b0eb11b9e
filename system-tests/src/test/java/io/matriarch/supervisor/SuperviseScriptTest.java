package io.matriarch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SuperviseScriptTest {

    @Test
    void bash_can_parse_the_script() throws IOException, InterruptedException {
        assertThat(outputOf("bash", "-n", SupervisedPostgres.SCRIPT.toString())).isEmpty();
    }

    @Test
    void shellcheck_finds_nothing() throws IOException, InterruptedException {
        assumeThat(Path.of("/usr/bin/shellcheck")).matches(Files::isExecutable);

        assertThat(outputOf("/usr/bin/shellcheck", SupervisedPostgres.SCRIPT.toString())).isEmpty();
    }

    private static String outputOf(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        return status == 0 ? output : output + "exit status " + status;
    }
}
