package io.matriarch.archiver.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.postgresql.SidecarMemory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sidecar that runs out of memory takes its primary along: no option of a store may do that. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LargePartsTest {

    @Test
    void parts_that_fit_one_at_a_time_wait_for_each_other() throws Exception {
        assertThat(upload("&part-size=16MiB", 40).lines()).containsExactly("Stored[]", "Stored[]");
    }

    @ParameterizedTest
    @CsvSource({"&part-size=32MiB, 40", "&part-size=1GiB, 40", "&max-parts=100, 180"})
    void parts_that_do_not_fit_are_refused_and_the_process_lives(String options, int megabytes)
            throws Exception {
        assertThat(upload(options, megabytes))
                .contains("needs parts of")
                .contains("expected: at most")
                .contains("lower part-size")
                .contains("MATRIARCH_JAVA_OPTS=-Xmx");
    }

    private static String upload(String options, int megabytes) throws Exception {
        try (S3Double s3 = S3Double.start(DoubleTraits.AMAZON)) {
            Process process =
                    SidecarMemory.start(
                            LargePartsProcess.class,
                            s3.location("p", options).toString(),
                            Integer.toString(megabytes));
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        }
    }
}
