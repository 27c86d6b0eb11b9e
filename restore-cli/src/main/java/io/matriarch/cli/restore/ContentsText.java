package io.matriarch.cli.restore;

import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Table;
import io.matriarch.cli.terminal.Table.Cell;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import java.time.Duration;

/** The contents of a repository as a person reads them. */
record ContentsText(Contents contents, Terminal terminal) {

    void printBackups() {
        if (contents.backups().isEmpty()) {
            terminal.print("no base backup of cluster " + contents.cluster() + " yet");
            return;
        }
        Table table =
                Table.of(
                        "backup",
                        "type",
                        "ended",
                        ">took",
                        ">timeline",
                        "from",
                        ">size",
                        ">stored",
                        "restorable",
                        "label");
        for (Contents.Row row : contents.backups()) {
            table.add(
                    Cell.of(row.id()),
                    Cell.of(row.wal().parent() == null ? "full" : "incremental"),
                    Cell.of(Amounts.time(row.stopTime())),
                    Cell.of(Amounts.span(Duration.ofMillis(row.durationMillis()))),
                    Cell.of(Long.toString(row.wal().timeline())),
                    Cell.of(row.member()),
                    Cell.of(Amounts.bytes(row.bytes())),
                    Cell.of(Amounts.bytes(row.storedBytes())),
                    row.restorable() ? Cell.of("yes") : new Cell("no", Tone.BAD),
                    Cell.of(row.label()));
        }
        table.print(terminal);
    }

    void printReachable() {
        terminal.print(
                "repository %s, cluster %s, system %s"
                        .formatted(
                                contents.repository(),
                                contents.cluster(),
                                contents.systemIdentifier()));
        Long timeline = contents.timeline();
        if (contents.reachable().isEmpty()) {
            terminal.print(
                    terminal.paint(Tone.BAD, "nothing can be restored")
                            + (timeline == null && !contents.backups().isEmpty()
                                    ? " until a timeline is chosen with --timeline"
                                    : ""));
            return;
        }
        terminal.print("any moment of these can be restored, along timeline " + timeline + ":");
        for (Contents.Stretch stretch : contents.reachable()) {
            terminal.print(
                    "  from %s to about %s (%s to %s)"
                            .formatted(
                                    terminal.paint(
                                            Tone.STRONG, Amounts.timeNotBefore(stretch.from())),
                                    terminal.paint(Tone.STRONG, Amounts.time(stretch.to())),
                                    stretch.fromLsn(),
                                    stretch.toLsn()));
        }
    }
}
