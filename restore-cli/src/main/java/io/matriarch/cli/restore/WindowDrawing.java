package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.RecoveryWindow;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Mark;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.RecoveryWindow.Stretch;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A recovery window drawn along an axis of time, a line for each timeline. What is shorter than a
 * column still gets one; of things in the same column a gap shows before a backup, and that before
 * WAL.
 */
final class WindowDrawing {

    private static final int NARROWEST_CHART = 12;
    private static final String END = "|";
    private static final String BLANK = " ";

    private final RecoveryWindow window;
    private final Terminal terminal;
    private final WindowGlyphs glyphs;
    private final int width;

    /**
     * @param width of the terminal, in columns
     */
    WindowDrawing(RecoveryWindow window, Terminal terminal, WindowGlyphs glyphs, int width) {
        this.window = window;
        this.terminal = terminal;
        this.glyphs = glyphs;
        this.width = width;
    }

    /** The lines; none if there is nothing to draw, or no room. */
    List<String> lines() {
        List<Instant> times = window.timelines().stream().flatMap(WindowDrawing::times).toList();
        int chart = width - labelWidth();
        if (times.isEmpty() || chart < NARROWEST_CHART) {
            return List.of();
        }
        Axis axis =
                new Axis(
                        times.stream().min(Instant::compareTo).orElseThrow(),
                        times.stream().max(Instant::compareTo).orElseThrow(),
                        chart);
        List<String> lines = new ArrayList<>(heading(axis));
        window.timelines().forEach(strand -> lines.add(line(strand, axis)));
        return lines;
    }

    /** What the signs mean; only those that occur. */
    String legend() {
        List<String> words = new ArrayList<>();
        boolean hasReachable = stretches().anyMatch(Stretch::isReachable);
        boolean hasUnserved = stretches().anyMatch(it -> !it.isReachable());
        boolean hasGap = window.timelines().stream().anyMatch(it -> !it.gaps().isEmpty());
        boolean hasBackup = marks().anyMatch(Mark::isRestorable);
        boolean hasUseless = marks().anyMatch(it -> !it.isRestorable());
        add(words, hasBackup, glyphs.backup(), "backup");
        add(words, hasUseless, glyphs.useless(), "backup that lacks WAL");
        add(words, hasReachable, glyphs.reachable(), "reachable");
        add(words, hasUnserved, glyphs.unserved(), "WAL without a backup before it");
        add(words, hasGap, glyphs.gap(), "gap");
        return String.join(", ", words);
    }

    private static void add(List<String> words, boolean occurs, char sign, String meaning) {
        if (occurs) {
            words.add(sign + BLANK + meaning);
        }
    }

    private Stream<Stretch> stretches() {
        return window.timelines().stream().flatMap(it -> it.stretches().stream());
    }

    private Stream<Mark> marks() {
        return window.timelines().stream().flatMap(it -> it.backups().stream());
    }

    private static Stream<Instant> times(Strand strand) {
        return Stream.concat(
                strand.stretches().stream().flatMap(it -> Stream.of(it.from(), it.to())),
                strand.backups().stream().map(Mark::stopTime));
    }

    /** Where columns are in time. */
    private record Axis(Instant begin, Instant end, int columns) {

        int column(Instant time) {
            long span = Math.max(1, end.toEpochMilli() - begin.toEpochMilli());
            long from = Math.clamp(time.toEpochMilli() - begin.toEpochMilli(), 0L, span);
            return (int) (from * (columns - 1) / span);
        }
    }

    private record Sign(char glyph, Tone tone) {}

    private List<String> heading(Axis axis) {
        String from = Amounts.time(axis.begin());
        String to = Amounts.time(axis.end());
        String indent = BLANK.repeat(labelWidth());
        int rest = axis.columns() - from.length() - to.length();
        List<String> lines = new ArrayList<>();
        if (rest > 0) {
            lines.add(indent + from + BLANK.repeat(rest) + to);
        } else {
            // On a narrow terminal they stand at the left, above each other.
            lines.add("from " + from);
            lines.add("to   " + to);
        }
        lines.add(indent + END + BLANK.repeat(axis.columns() - 2) + END);
        return lines;
    }

    private String line(Strand strand, Axis axis) {
        Sign[] signs = new Sign[axis.columns()];
        for (Stretch stretch : strand.stretches()) {
            Sign sign =
                    stretch.isReachable()
                            ? new Sign(glyphs.reachable(), Tone.GOOD)
                            : new Sign(glyphs.unserved(), Tone.FAINT);
            fill(signs, axis.column(stretch.from()), axis.column(stretch.to()), sign);
        }
        for (Mark mark : strand.backups()) {
            int column = axis.column(mark.stopTime());
            signs[column] =
                    mark.isRestorable()
                            ? new Sign(glyphs.backup(), Tone.STRONG)
                            : new Sign(glyphs.useless(), Tone.BAD);
        }
        for (Gap gap : strand.gaps()) {
            int first = axis.column(gap.from());
            // The columns of what lies around it keep their signs, if the gap has one of its own.
            int last = axis.column(gap.to()) - 1;
            fill(
                    signs,
                    Math.min(first + 1, Math.max(first, last)),
                    Math.max(first, last),
                    gapSign());
        }
        StringBuilder line = new StringBuilder(label(strand));
        for (Sign sign : trimmed(signs)) {
            line.append(
                    sign == null
                            ? BLANK
                            : terminal.paint(sign.tone(), String.valueOf(sign.glyph())));
        }
        return line.toString();
    }

    private Sign gapSign() {
        return new Sign(glyphs.gap(), Tone.BAD);
    }

    private static void fill(Sign[] signs, int first, int last, Sign sign) {
        Arrays.fill(signs, first, last + 1, sign);
    }

    private static Sign[] trimmed(Sign[] signs) {
        int end = signs.length;
        while (end > 0 && signs[end - 1] == null) {
            end--;
        }
        return Arrays.copyOf(signs, end);
    }

    private String label(Strand strand) {
        String name = "timeline " + strand.timeline();
        boolean isFollowed = window.followed().filter(strand.timeline()::equals).isPresent();
        return (isFollowed ? "* " : "  ") + name + BLANK.repeat(labelWidth() - name.length() - 2);
    }

    private int labelWidth() {
        int longest =
                window.timelines().stream()
                        .mapToInt(it -> it.timeline().toString().length())
                        .max()
                        .orElse(1);
        return "* timeline ".length() + longest + 2;
    }
}
