package io.matriarch.cli.operate;

import io.matriarch.cli.drill.LastDrill;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Table;
import io.matriarch.cli.terminal.Table.Cell;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import io.matriarch.elector.situation.ArchivingReport;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A report as a person reads it. */
record StatusText(ClusterReport report, Terminal terminal) {

    void print() {
        heading();
        terminal.print("");
        members().print(terminal);
        terminal.print("");
        archive();
        runningBackups();
        report.problems()
                .forEach(problem -> terminal.print(terminal.paint(Tone.BAD, "! ") + problem));
        terminal.out().flush();
    }

    private void heading() {
        ClusterReport.State state = report.state();
        boolean isReady = state.phase().equals("ready");
        terminal.print(
                "cluster %s: %s, primary %s, epoch %d, timeline %d"
                        .formatted(
                                terminal.paint(Tone.STRONG, report.cluster()),
                                terminal.paint(isReady ? Tone.GOOD : Tone.BAD, state.phase()),
                                terminal.paint(Tone.STRONG, state.primary()),
                                state.epoch(),
                                state.timeline()));
        terminal.print("commits wait for: " + synchronous());
    }

    private String synchronous() {
        ClusterReport.Synchronous set = report.synchronous();
        if (set == null) {
            Long loss = report.lossBytes();
            return "nobody (asynchronous): "
                    + (loss == null
                            ? "it is not known what a failover would lose"
                            : "a failover now would lose %s of WAL, and what is written until then"
                                    .formatted(Amounts.bytes(loss)));
        }
        return set.members().isEmpty()
                ? "nobody, for no standby is level"
                : "any %d of %s".formatted(set.quorum(), String.join(", ", set.members()));
    }

    private Table members() {
        Table table =
                Table.of(
                        "member",
                        "role",
                        ">timeline",
                        "position",
                        ">behind",
                        ">delay",
                        ">room",
                        "sync",
                        "address",
                        "doing");
        for (ClusterReport.Row row : report.members()) {
            Long timeline = row.timeline();
            Long bytes = row.lagBytes();
            Long millis = row.lagMillis();
            table.add(
                    new Cell(row.name(), Tone.STRONG),
                    new Cell(row.role(), tone(row.role())),
                    Cell.of(timeline == null ? "-" : timeline.toString()),
                    Cell.of(orDash(row.received())),
                    Cell.of(bytes == null ? "-" : Amounts.bytes(bytes)),
                    Cell.of(millis == null ? "-" : Amounts.span(Duration.ofMillis(millis))),
                    room(row.archiving()),
                    Cell.of(row.synchronous() ? "yes" : "-"),
                    Cell.of(orDash(row.postgres())),
                    Cell.of(row.doing()));
        }
        return table;
    }

    private static Cell room(@Nullable ArchivingReport archiving) {
        if (archiving == null || archiving.totalBytes() == 0) {
            return Cell.of("-");
        }
        long percent = archiving.freeBytes() * 100 / archiving.totalBytes();
        return new Cell(percent + " %", archiving.volumeAlarm() == null ? Tone.PLAIN : Tone.BAD);
    }

    /** At the primary; elsewhere nothing has to be archived. */
    private String waiting() {
        return report.members().stream()
                .filter(row -> row.role().equals("primary"))
                .map(ClusterReport.Row::archiving)
                .flatMap(Stream::ofNullable)
                .map(ArchivingReport::oldest)
                .flatMap(Stream::ofNullable)
                .map(since ->
                        "; the oldest file has waited for "
                                + Amounts.span(Duration.between(since, report.time())))
                .findFirst()
                .orElse("");
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }

    private static Tone tone(String role) {
        return switch (role) {
            case "primary" -> Tone.GOOD;
            case "streaming" -> Tone.PLAIN;
            case "gone", "stopped" -> Tone.BAD;
            default -> Tone.CAUTION;
        };
    }

    private void runningBackups() {
        for (BackupView backup : report.runningBackups()) {
            Long left = backup.remainingMillis();
            terminal.print(
                    "backup now   %s on %s, %s, %s of %s%s"
                            .formatted(
                                    orDash(backup.id()),
                                    backup.member(),
                                    backup.phase(),
                                    Amounts.bytes(backup.doneBytes()),
                                    Amounts.bytes(backup.totalBytes()),
                                    left == null || left == 0
                                            ? ""
                                            : ", %s/s, %s left"
                                                    .formatted(
                                                            Amounts.bytes(backup.bytesPerSecond()),
                                                            Amounts.span(
                                                                    Duration.ofMillis(left)))));
        }
    }

    private void archive() {
        ArchiveGlance archive = report.archive();
        terminal.print("repository   " + archive.repository());
        if (archive.trouble() != null) {
            return;
        }
        Instant archived = archive.lastArchived();
        Long behind = archive.behindBytes();
        terminal.print(
                "archived     "
                        + (archived == null
                                ? "nothing on this timeline yet"
                                : "up to "
                                        + archive.lastSegment()
                                        + ", "
                                        + Amounts.ago(archived, report.time()))
                        + (behind == null
                                ? ""
                                : "; " + Amounts.bytes(behind) + " of WAL not there yet")
                        + waiting());
        ArchiveGlance.LastBackup backup = archive.lastBackup();
        terminal.print(
                "last backup  "
                        + (backup == null
                                ? "none"
                                : "%s, %s, %s; %d in all"
                                        .formatted(
                                                backup.id(),
                                                Amounts.ago(backup.stopTime(), report.time()),
                                                Amounts.bytes(backup.storedBytes()),
                                                archive.backups())));
        ArchiveGlance.Verified verified = archive.verified();
        terminal.print(
                "verified     "
                        + (verified == null
                                ? "nothing yet"
                                : "%s, %s; %s damaged or missing"
                                        .formatted(
                                                Amounts.bytes(verified.bytes()),
                                                Amounts.ago(verified.ended(), report.time()),
                                                verified.damaged().isEmpty()
                                                        ? "nothing"
                                                        : Amounts.count(
                                                                verified.damaged().size(),
                                                                "object"))));
        LastDrill drill = archive.drilled();
        terminal.print(
                "drilled      " + (drill == null ? "nothing yet" : drill.words(report.time())));
        if (archive.conditionalWrites() != null) {
            terminal.print(
                    "caution      the store ignores conditional writes: of two servers that archive at"
                            + " once, one may overwrite the other's WAL");
        }
    }
}
