package io.matriarch.cli.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.RecoveryWindow;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Mark;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.RecoveryWindow.Stretch;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window of 60 hours, on terminals that give the chart a column for each. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WindowTextTest {

    private static final Instant BEGIN = Instant.parse("2026-11-20T00:00:00Z");
    private static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    private static final int WIDTH = 14 + 61;

    private final RecoveryWindow window =
            new RecoveryWindow(
                    List.of(
                            new Strand(
                                    new TimelineId(1),
                                    Optional.empty(),
                                    List.of(
                                            stretch(0, 10, false),
                                            stretch(10, 20, true),
                                            stretch(30, 40, false),
                                            stretch(40, 50, true)),
                                    List.of(gap(1, 20, 30)),
                                    List.of(mark(10, true), mark(40, true), mark(35, false))),
                            new Strand(
                                    new TimelineId(2),
                                    Optional.of(
                                            new TimelineHistory.Switch(
                                                    new TimelineId(1), position(45))),
                                    List.of(stretch(45, 60, true)),
                                    List.of(),
                                    List.of())),
                    Optional.of(new TimelineId(2)));

    @Test
    void the_drawing_has_a_line_for_each_timeline() {
        assertThat(lines(WindowGlyphs.DRAWN, WIDTH, false))
                .startsWith(
                        "              2026-11-20 00:00:00Z                     2026-11-22 12:00:00Z",
                        "              |                                                           |",
                        "  timeline 1  ┄┄┄┄┄┄┄┄┄┄●━━━━━━━━━━×××××××××┄┄┄┄┄○┄┄┄┄●━━━━━━━━━━",
                        "* timeline 2                                               ━━━━━━━━━━━━━━━━",
                        "",
                        "● backup, ○ backup that lacks WAL, ━ reachable, ┄ WAL without a backup"
                                + " before it, × gap");
    }

    @Test
    void without_the_signs_in_the_character_set_letters_serve() {
        assertThat(WindowGlyphs.of(StandardCharsets.US_ASCII)).isEqualTo(WindowGlyphs.ASCII);
        assertThat(WindowGlyphs.of(StandardCharsets.ISO_8859_1)).isEqualTo(WindowGlyphs.ASCII);
        assertThat(WindowGlyphs.of(StandardCharsets.UTF_8)).isEqualTo(WindowGlyphs.DRAWN);
        assertThat(lines(WindowGlyphs.ASCII, WIDTH, false))
                .contains(
                        "  timeline 1  ..........B==========xxxxxxxxx.....b....B==========",
                        "* timeline 2                                               ================")
                .allMatch(line -> StandardCharsets.US_ASCII.newEncoder().canEncode(line));
    }

    @ParameterizedTest
    @ValueSource(ints = {26, 30, 40, 53, 54, 80, 132, 250})
    void no_line_of_the_drawing_is_wider_than_the_terminal(int width) {
        List<String> drawn =
                new WindowDrawing(window, terminal(false), WindowGlyphs.DRAWN, width).lines();

        assertThat(drawn).hasSizeBetween(4, 5).allMatch(line -> line.length() <= width);
        assertThat(drawn.get(drawn.size() - 2)).contains("×").contains("━").contains("●");
    }

    @Test
    void a_terminal_too_narrow_to_draw_on_gets_the_words_alone() {
        assertThat(lines(WindowGlyphs.DRAWN, 20, false))
                .startsWith("  timeline 1, 3 backups")
                .noneMatch(line -> line.contains("━"));
    }

    @Test
    void a_gap_of_a_moment_is_seen() {
        RecoveryWindow small =
                new RecoveryWindow(
                        List.of(
                                new Strand(
                                        new TimelineId(1),
                                        Optional.empty(),
                                        List.of(stretch(0, 30, true), stretch(30, 60, false)),
                                        List.of(gap(1, 30, 30)),
                                        List.of(mark(0, true)))),
                        Optional.of(new TimelineId(1)));

        assertThat(new WindowText(small, terminal(false), WindowGlyphs.ASCII, 40).lines())
                .anyMatch(line -> line.startsWith("* timeline 1  B===========x"));
    }

    @Test
    void a_backup_that_ended_after_its_log_was_stored_is_drawn() {
        RecoveryWindow fresh =
                new RecoveryWindow(
                        List.of(
                                new Strand(
                                        new TimelineId(1),
                                        Optional.empty(),
                                        List.of(stretch(0, 30, false), stretch(30, 20, true)),
                                        List.of(),
                                        List.of(mark(30, true)))),
                        Optional.of(new TimelineId(1)));

        assertThat(new WindowText(fresh, terminal(false), WindowGlyphs.ASCII, 40).lines())
                .anyMatch(line -> line.matches("\\* timeline 1  \\.+B"));
    }

    @Test
    void the_words_name_what_is_missing_and_where_a_timeline_began() {
        assertThat(lines(WindowGlyphs.DRAWN, WIDTH, false))
                .contains(
                        "  timeline 1, 3 backups",
                        "    reachable 2026-11-20 10:00:00Z to about 2026-11-20 20:00:00Z"
                                + " (0/A00000 to 0/1400000)",
                        "    gap       about 2026-11-20 20:00:00Z to 2026-11-21 06:00:00Z:"
                                + " 000000010000000000000014 to 00000001000000000000001D,"
                                + " 10 segments missing",
                        "* timeline 2, left timeline 1 at 0/2D00000, 0 backups",
                        "* a restore follows timeline 2 unless --timeline says otherwise");
    }

    @Test
    void colours_change_nothing_but_the_colour() {
        List<String> plain = lines(WindowGlyphs.DRAWN, WIDTH, false);
        List<String> painted = lines(WindowGlyphs.DRAWN, WIDTH, true);

        assertThat(painted).anyMatch(line -> line.contains("\u001b[31m×"));
        assertThat(painted.stream().map(line -> line.replaceAll("\u001b\\[[0-9]*m", "")).toList())
                .isEqualTo(plain);
    }

    @Test
    void an_empty_archive_is_said_to_be_empty() {
        RecoveryWindow empty = new RecoveryWindow(List.of(), Optional.empty());

        assertThat(new WindowText(empty, terminal(false), WindowGlyphs.DRAWN, 80).lines())
                .containsExactly("nothing is archived yet");
    }

    private List<String> lines(WindowGlyphs glyphs, int width, boolean hasColours) {
        return new WindowText(window, terminal(hasColours), glyphs, width).lines();
    }

    private static Terminal terminal(boolean hasColours) {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return new Terminal(nowhere, nowhere, null, hasColours);
    }

    private static Instant hour(long hour) {
        return BEGIN.plusSeconds(hour * 3600);
    }

    private static Lsn position(long hour) {
        return new Lsn(hour * SIZE.bytes());
    }

    private static Stretch stretch(long from, long to, boolean isReachable) {
        return new Stretch(hour(from), hour(to), position(from), position(to), isReachable);
    }

    private static Gap gap(long timeline, long from, long to) {
        TimelineId id = new TimelineId(timeline);
        return new Gap(
                new SegmentRange(
                        new WalSegment(id, from, SIZE),
                        new WalSegment(id, Math.max(from, to - 1), SIZE)),
                hour(from),
                hour(to));
    }

    private static Mark mark(long hour, boolean isRestorable) {
        return new Mark(new BackupId(hour(hour), 1), hour(hour), position(hour), isRestorable);
    }
}
