package io.matriarch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.matriarch.elector.situation.LeaseSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    @Test
    void the_fence_is_over_within_the_time_that_the_lease_reckons_with() throws IOException {
        String script = Files.readString(SupervisedPostgres.SCRIPT);
        Matcher patience = Pattern.compile("FENCE_PATIENCE_CENTIS=([0-9]+)").matcher(script);

        assertThat(patience.find()).isTrue();
        assertThat(Duration.ofMillis(10 * Long.parseLong(patience.group(1))))
                .isLessThan(LeaseSettings.DEFAULT_STOP);
    }
}
