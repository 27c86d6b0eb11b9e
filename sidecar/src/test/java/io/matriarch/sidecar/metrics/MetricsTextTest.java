package io.matriarch.sidecar.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.drill.DrillReport.Aim;
import io.matriarch.archiver.drill.DrillReport.Check;
import io.matriarch.archiver.drill.DrillReport.Measures;
import io.matriarch.archiver.drill.DrillReport.Outcome;
import io.matriarch.elector.situation.ArchivingReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MetricsTextTest {

    private static final Instant NOW = Instant.parse("2026-11-21T08:30:00Z");

    private static DrillReport drill(Measures measures) {
        return new DrillReport(
                DrillReport.FORMAT,
                "here",
                NOW.minusSeconds(100),
                NOW.minusSeconds(40),
                new Aim("latest", Optional.empty(), Optional.empty()),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                measures,
                List.of(new Check("pg_amcheck", Outcome.SKIPPED, "absent")),
                Optional.empty());
    }

    @Test
    void a_number_of_everything_that_is_known() {
        String text =
                MetricsText.of(
                        true,
                        false,
                        Optional.of(
                                new ArchivingReport(
                                        2,
                                        NOW.minusSeconds(7),
                                        1 << 24,
                                        1 << 30,
                                        null,
                                        null,
                                        null)),
                        Optional.of(
                                drill(
                                        new Measures(
                                                Optional.of(Duration.ofMillis(63_250)),
                                                Optional.of(Duration.ofSeconds(40))))),
                        NOW);

        assertThat(text.lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "matriarch_primary 1",
                        "matriarch_replica 0",
                        "matriarch_wal_waiting_files 2",
                        "matriarch_wal_waiting_seconds 7",
                        "matriarch_wal_volume_free_bytes 16777216",
                        "matriarch_wal_volume_bytes 1073741824",
                        "matriarch_drill_success 1",
                        "matriarch_drill_timestamp_seconds "
                                + NOW.minusSeconds(40).getEpochSecond(),
                        "matriarch_drill_rto_seconds 63.250",
                        "matriarch_drill_rpo_seconds 40",
                        "matriarch_drill_skipped_checks 1");
        assertThat(text).contains("# TYPE matriarch_drill_rto_seconds gauge\n");
    }

    @Test
    void what_is_not_known_has_no_line() {
        String text =
                MetricsText.of(
                        false,
                        true,
                        Optional.empty(),
                        Optional.of(drill(new Measures(Optional.empty(), Optional.empty()))),
                        NOW);

        assertThat(text).doesNotContain("_rto_").doesNotContain("_rpo_").doesNotContain("_wal_");
    }
}
