package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.archiver.verification.VerificationOptions;
import io.matriarch.sidecar.configuration.SidecarConfiguration.VerifySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VerifySectionTest {

    @TempDir private Path directory;

    @Test
    void without_a_section_a_little_is_read_back_every_day() throws IOException {
        assertThat(VerifySection.settings(section("cluster: a")))
                .isEqualTo(settings("daily at 04:00", "2GB", "20MB/s"));
    }

    @Test
    void every_key_is_read() throws IOException {
        Section root = section("verify: {schedule: never, sample: 5%, throttle: none}");

        assertThat(VerifySection.settings(root)).isEqualTo(settings("never", "5%", "none"));
        root.refuseUnknown();
    }

    @ParameterizedTest
    @CsvSource({
        "schedule: hourly, verify.schedule: hourly",
        "sample: 0%, verify.sample: 0%",
        "sample: much, verify.sample: much",
        "throttle: slow, verify.throttle: slow"
    })
    void what_makes_no_sense_is_refused(String key, String message) throws IOException {
        Section root = section("verify: {" + key + "}");

        assertThatThrownBy(() -> VerifySection.settings(root))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    private static VerifySettings settings(String schedule, String sample, String throttle) {
        return new VerifySettings(
                Schedule.parse(schedule),
                new VerificationOptions(
                        Sample.parse(sample), 1, PaceLimits.NONE.withThrottle(throttle)));
    }

    private Section section(String text) throws IOException {
        return Section.read(Files.writeString(directory.resolve("matriarch.yaml"), text));
    }
}
