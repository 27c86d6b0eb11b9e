package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.push.ArchiveAlarm.Cause;
import io.matriarch.archiver.push.ArchiveStatus.Mood;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveAlarmTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final ArchiveAlarm ALARM =
            new ArchiveAlarm(Duration.ofMinutes(10), 10, 1L << 30);

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nothing waits                  |     | 50 | 100 |
                    something waits, not for long  | 599 | 50 | 100 |
                    it has waited too long         | 601 | 50 | 100 | WAL_WAITS
                    the volume has room enough     |     | 10 | 100 |
                    the volume is nearly full      |     |  9 | 100 | VOLUME_NEARLY_FULL
                    both at once                   | 601 |  0 | 100 | WAL_WAITS VOLUME_NEARLY_FULL
                    a volume that tells nothing    |     |  0 |   0 |
                    """)
    void when_somebody_is_told(
            String title, Long waitedSeconds, long free, long total, String expected) {
        ArchiveStatus status =
                new ArchiveStatus(
                        Mood.STORE_TROUBLE,
                        Optional.empty(),
                        waitedSeconds == null ? 0 : 1,
                        Optional.ofNullable(waitedSeconds).map(NOW::minusSeconds),
                        Optional.empty());

        Set<Cause> causes = ALARM.causes(status, free, total, NOW);

        assertThat(causes)
                .as(title)
                .isEqualTo(
                        Stream.ofNullable(expected)
                                .flatMap(words -> Stream.of(words.split(" ", -1)))
                                .map(Cause::valueOf)
                                .collect(Collectors.toSet()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a little waits always             | 86400 |   47 | false
                    segments that have just come      |   599 |  100 | false
                    segments, and nothing arrives     |   601 |   48 | true
                    much, however fast more arrives   |     1 | 1025 | true
                    as much as may lack               |     1 | 1024 | false
                    """)
    void how_the_archive_lags_behind(
            String title, long secondsAgo, long behindMegabytes, boolean isFar) {
        assertThat(ALARM.isFarBehind(behindMegabytes << 20, NOW.minusSeconds(secondsAgo), NOW))
                .as(title)
                .isEqualTo(isFar);
    }

    @Test
    void thresholds_that_mean_nothing_are_refused() {
        assertThatThrownBy(() -> new ArchiveAlarm(Duration.ZERO, 10, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("archive.alarm-age: PT0S (expected: a time)");
        assertThatThrownBy(() -> new ArchiveAlarm(Duration.ofMinutes(1), 100, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("archive.alarm-free-percent: 100 (expected: 0 to 99)");
        assertThatThrownBy(() -> new ArchiveAlarm(Duration.ofMinutes(1), 10, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("archive.alarm-behind: 0 (expected: more than nothing)");
    }
}
