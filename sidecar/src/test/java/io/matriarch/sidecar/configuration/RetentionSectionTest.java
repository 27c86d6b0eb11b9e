package io.matriarch.sidecar.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.retention.Period;
import io.matriarch.archiver.retention.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RetentionSectionTest {

    @TempDir private Path directory;

    @Test
    void without_a_section_a_week_and_seven_backups_are_kept() throws IOException {
        assertThat(RetentionSection.policy(section("cluster: a")))
                .isEqualTo(RetentionPolicy.DEFAULT);
        assertThat(RetentionSection.schedule(section("cluster: a")))
                .isEqualTo(Schedule.parse("daily at 03:00"));
    }

    @Test
    void every_key_is_read() throws IOException {
        Section root =
                section(
                        """
                        retention:
                          count: 3
                          window: 2d
                          daily: 4
                          weekly: 5
                          monthly: 6
                          yearly: 7
                          zone: Europe/Zurich
                          floor: 2
                          schedule: never
                        """);

        RetentionPolicy policy = RetentionSection.policy(root);

        assertThat(policy.count()).isEqualTo(3);
        assertThat(policy.window()).contains(Duration.ofDays(2));
        assertThat(policy.periods().count(Period.DAY)).isEqualTo(4);
        assertThat(policy.periods().count(Period.WEEK)).isEqualTo(5);
        assertThat(policy.periods().count(Period.MONTH)).isEqualTo(6);
        assertThat(policy.periods().count(Period.YEAR)).isEqualTo(7);
        assertThat(policy.periods().zone()).isEqualTo(ZoneId.of("Europe/Zurich"));
        assertThat(policy.floor()).isEqualTo(2);
        assertThat(RetentionSection.schedule(root)).isEqualTo(Schedule.parse("never"));
        root.refuseUnknown();
    }

    @Test
    void a_window_can_be_done_without() throws IOException {
        assertThat(RetentionSection.policy(section("retention: {window: none}")).window())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {count: 0, window: none}       | keeps nothing
                    {count: 2, floor: 3}           | retention.count: 2 is less than retention.floor: 3
                    {floor: 0}                     | floor: 0 (expected: at least 1)
                    {count: -1}                    | count: -1 (expected: 0 or more)
                    {weekly: -2}                   | -2 weeks (expected: 0 or more)
                    {window: 0s}                   | a positive duration
                    {zone: Atlantis}               | retention.zone: Atlantis
                    {daily: some}                  | retention.daily: some
                    """)
    void what_makes_no_sense_is_refused(String section, String message) throws IOException {
        Section root = section("retention: " + section);

        assertThatThrownBy(() -> RetentionSection.policy(root))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void the_old_keys_are_refused_by_their_new_names() throws IOException {
        Section root = section("backup: {keep-count: 3}");

        assertThatThrownBy(() -> RetentionSection.policy(root))
                .hasMessage("backup.keep-count: not read any more (expected: retention.count)");
    }

    private Section section(String text) throws IOException {
        return Section.read(Files.writeString(directory.resolve("matriarch.yaml"), text));
    }
}
