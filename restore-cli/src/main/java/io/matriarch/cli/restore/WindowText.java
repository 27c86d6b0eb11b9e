package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.RecoveryWindow;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.RecoveryWindow.Stretch;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import java.util.ArrayList;
import java.util.List;

/** A recovery window as a person reads it: the drawing, and below it the same in words. */
final class WindowText {

    private final RecoveryWindow window;
    private final Terminal terminal;
    private final WindowDrawing drawing;

    WindowText(RecoveryWindow window, Terminal terminal, WindowGlyphs glyphs, int width) {
        this.window = window;
        this.terminal = terminal;
        this.drawing = new WindowDrawing(window, terminal, glyphs, width);
    }

    List<String> lines() {
        if (window.timelines().isEmpty()) {
            return List.of("nothing is archived yet");
        }
        List<String> lines = new ArrayList<>();
        List<String> drawn = drawing.lines();
        if (!drawn.isEmpty()) {
            lines.addAll(drawn);
            lines.add("");
            lines.add(drawing.legend());
            lines.add("");
        }
        window.timelines().forEach(strand -> lines.addAll(words(strand)));
        lines.add(
                window.followed()
                        .map(it ->
                                "* a restore follows timeline "
                                        + it
                                        + " unless --timeline says otherwise")
                        .orElse(
                                "which timeline a restore is to follow must be said with"
                                        + " --timeline: the archive alone does not tell"));
        return lines;
    }

    private List<String> words(Strand strand) {
        List<String> lines = new ArrayList<>();
        boolean isFollowed = window.followed().filter(strand.timeline()::equals).isPresent();
        lines.add(
                (isFollowed ? "* " : "  ")
                        + "timeline "
                        + strand.timeline()
                        + strand.origin()
                                .map(it -> ", left timeline " + it.parent() + " at " + it.at())
                                .orElse("")
                        + ", "
                        + Amounts.count(strand.backups().size(), "backup"));
        for (Stretch stretch : strand.stretches()) {
            if (stretch.isReachable()) {
                lines.add("    " + reachable(stretch));
            }
        }
        if (strand.stretches().stream().noneMatch(Stretch::isReachable)) {
            lines.add("    " + terminal.paint(Tone.BAD, "nothing of it can be restored"));
        }
        strand.gaps().forEach(gap -> lines.add("    " + words(gap)));
        return lines;
    }

    private String reachable(Stretch it) {
        return "%s %s to about %s (%s to %s)"
                .formatted(
                        terminal.paint(Tone.GOOD, "reachable"),
                        Amounts.timeNotBefore(it.from()),
                        Amounts.time(it.to()),
                        it.fromLsn(),
                        it.toLsn());
    }

    private String words(Gap gap) {
        return "%s       about %s to %s: %s, %s missing"
                .formatted(
                        terminal.paint(Tone.BAD, "gap"),
                        Amounts.time(gap.from()),
                        Amounts.time(gap.to()),
                        gap.missing(),
                        Amounts.count(gap.missing().count(), "segment"));
    }
}
