package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
class DrillSectionTest {

    @TempDir private Path directory;

    private DrillSettings read(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("matriarch.yaml"), text);
        Section root = Section.read(file);
        DrillSettings settings = DrillSection.settings(root, file);
        root.section("drill").refuseUnknown();
        return settings;
    }

    @Test
    void without_a_section_no_drill_is_held_here() throws IOException {
        assertThat(read("cluster: a").isScheduled()).isFalse();
    }

    @Test
    void every_key_becomes_a_word_of_the_command() throws IOException {
        DrillSettings settings =
                read(
                        """
                        postgres: {superuser: admin}
                        drill:
                          schedule: daily at 03:30
                          scratch-directory: /data/scratch
                          programs: /opt/pg/bin
                          owner: postgres
                          moment: latest
                          query: SELECT count(*) > 0 FROM orders
                          database: shop
                          settings: {shared_buffers: 128MB, work_mem: 4MB}
                        """);

        assertThat(settings.schedule()).isEqualTo(Schedule.parse("daily at 03:30"));
        assertThat(settings.arguments())
                .containsExactly(
                        "drill",
                        "--config=" + directory.resolve("matriarch.yaml"),
                        "--scratch-dir=/data/scratch",
                        "--moment=latest",
                        "--superuser=admin",
                        "--jobs=2",
                        "--programs=/opt/pg/bin",
                        "--owner=postgres",
                        "--query=SELECT count(*) > 0 FROM orders",
                        "--database=shop",
                        "--set=shared_buffers=128MB",
                        "--set=work_mem=4MB");
    }

    @ParameterizedTest
    @CsvSource({
        "schedule: hourly, drill.schedule: hourly",
        "moment: yesterday, drill.moment: yesterday",
        "sample: 5%, drill.sample: unknown"
    })
    void what_makes_no_sense_is_refused(String key, String message) {
        assertThatThrownBy(() -> read("drill: {" + key + "}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }
}
