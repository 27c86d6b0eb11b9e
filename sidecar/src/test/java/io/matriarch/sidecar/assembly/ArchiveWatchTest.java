package io.matriarch.sidecar.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.ArchiveGap;
import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.push.ArchiveStatus;
import io.matriarch.archiver.push.ArchiveStatus.Mood;
import io.matriarch.archiver.push.ArchiveStatus.Problem;
import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.postgres.TimelineId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveWatchTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final ArchiveAlarm ALARM = new ArchiveAlarm(Duration.ofMinutes(5), 10, 1 << 30);
    private static final WalVolume ROOMY = new WalVolume(50L << 30, 100L << 30);

    private Optional<ArchiveStatus> archiver = Optional.empty();
    private WalVolume volume = ROOMY;
    private Optional<ArchiveGap> gap = Optional.empty();
    private final ArchiveWatch watch =
            new ArchiveWatch(ALARM, () -> archiver, () -> volume, () -> gap);

    private static Optional<ArchiveStatus> waitingFor(Duration time) {
        return Optional.of(
                new ArchiveStatus(
                        Mood.STORE_TROUBLE,
                        Optional.empty(),
                        7,
                        Optional.of(NOW.minus(time)),
                        Optional.of(new Problem(Optional.empty(), "no answer", "wait", NOW))));
    }

    @Test
    void before_the_first_look_nothing_is_told() {
        assertThat(watch.report()).isEmpty();
    }

    @Test
    void while_the_cluster_is_unknown_there_is_the_volume() {
        watch.look(NOW);

        assertThat(watch.report())
                .contains(new ArchivingReport(0, null, 50L << 30, 100L << 30, null, null, null));
    }

    @Test
    void wal_that_waits_too_long_is_told_with_the_reason() {
        archiver = waitingFor(Duration.ofSeconds(400));

        watch.look(NOW);

        assertThat(watch.report())
                .hasValueSatisfying(report -> {
                    assertThat(report.waiting()).isEqualTo(7);
                    assertThat(report.oldest()).isEqualTo(NOW.minusSeconds(400));
                    assertThat(report.walAlarm())
                            .isEqualTo(
                                    "7 files of WAL wait for the archive, the oldest for 6 min 40 s"
                                            + " (alarm at 5 min): no answer");
                    assertThat(report.volumeAlarm()).isNull();
                });
    }

    @Test
    void a_volume_that_is_nearly_full_is_told_with_its_numbers() {
        volume = new WalVolume(9L << 30, 100L << 30);

        watch.look(NOW);

        assertThat(watch.report().orElseThrow().volumeAlarm())
                .isEqualTo(
                        "the volume of pg_wal is nearly full: 9.0 GB of 100.0 GB are free (alarm"
                                + " below 10 %)");
    }

    @Test
    void a_gap_is_told_as_long_as_it_is_there() {
        gap = Optional.of(new ArchiveGap(new TimelineId(3), List.of()));

        watch.look(NOW);

        assertThat(watch.report().orElseThrow().gapAlarm())
                .isEqualTo(
                        "no base backup leads to timeline 3: nothing of it can be restored until"
                                + " one is taken");

        gap = Optional.empty();
        watch.look(NOW.plusSeconds(5));

        assertThat(watch.report().orElseThrow().gapAlarm()).isNull();
    }

    @Test
    void what_is_over_is_over_with_the_next_look() {
        archiver = waitingFor(Duration.ofSeconds(400));
        watch.look(NOW);
        archiver = Optional.empty();

        watch.look(NOW.plusSeconds(5));

        assertThat(watch.report().orElseThrow().walAlarm()).isNull();
    }

    @Test
    void the_volume_is_that_on_which_pg_wal_lies(@TempDir Path data) throws Exception {
        assertThat(WalVolume.of(data)).isEqualTo(WalVolume.UNKNOWN);

        Files.createDirectory(data.resolve("pg_wal"));

        assertThat(WalVolume.of(data).total()).isEqualTo(Files.getFileStore(data).getTotalSpace());
    }
}
