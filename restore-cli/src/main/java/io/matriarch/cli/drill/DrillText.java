package io.matriarch.cli.drill;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.drill.DrillReport.Outcome;
import io.matriarch.archiver.drill.DrillRun;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a drill has shown: also the JSON of {@code drill --json}.
 *
 * @param well whether the backup is proven to be of use
 * @param source what was restored; absent if no plan was made
 * @param reached where replay ended; absent if it did not
 * @param phaseMillis by the name of each phase that was begun
 * @param failure absent if it is well
 */
record DrillText(
        boolean well,
        String host,
        Instant begun,
        long durationMillis,
        @JsonUnwrapped Aim aim,
        @Nullable Source source,
        @Nullable Reached reached,
        Map<String, Long> phaseMillis,
        @JsonUnwrapped Measures measures,
        List<Check> checks,
        @Nullable Failure failure,
        @JsonUnwrapped Rest rest) {

    /**
     * @param seed absent unless the moment was drawn
     * @param target absent if no plan was made
     */
    record Aim(String moment, @Nullable Long seed, @Nullable String target) {}

    /** A backup, and the timeline that was followed. */
    record Source(
            String backup,
            Instant backupStopTime,
            String member,
            long timeline,
            long files,
            long bytes,
            long storedBytes) {}

    /**
     * @param lastCommit absent if no transaction was replayed
     */
    record Reached(String lsn, @Nullable Instant lastCommit, int segments) {}

    /**
     * @param rtoMillis absent if the server did not come up
     * @param rpoMillis absent if it is not known
     */
    record Measures(@Nullable Long rtoMillis, @Nullable Long rpoMillis) {}

    /**
     * @param outcome {@code passed}, {@code failed} or {@code skipped}
     */
    record Check(String name, String outcome, String detail) {}

    /**
     * @param archive whether what was archived is to blame, as far as can be told
     */
    record Failure(String phase, boolean archive, String reason, String hint) {}

    /**
     * @param kept where the restored directory stays; absent if it does not
     * @param unremembered why the repository has no report of this; absent if it has
     */
    record Rest(@Nullable String kept, @Nullable String unremembered) {}

    static DrillText of(DrillRun.Result.Held held) {
        DrillReport report = held.report();
        Map<String, Long> phases = new LinkedHashMap<>();
        report.phases().forEach(it -> phases.put(lower(it.phase()), it.took().toMillis()));
        return new DrillText(
                report.isWell(),
                report.host(),
                report.begun(),
                Duration.between(report.begun(), report.ended()).toMillis(),
                new Aim(
                        report.aim().moment(),
                        report.aim().seed().orElse(null),
                        report.aim().target().orElse(null)),
                report.source().map(DrillText::source).orElse(null),
                report.reached()
                        .map(it ->
                                new Reached(
                                        it.lsn().toString(),
                                        it.lastCommit().orElse(null),
                                        it.segments()))
                        .orElse(null),
                phases,
                new Measures(
                        report.measures().rto().map(Duration::toMillis).orElse(null),
                        report.measures().rpo().map(Duration::toMillis).orElse(null)),
                report.checks().stream()
                        .map(it -> new Check(it.name(), lower(it.outcome()), it.detail()))
                        .toList(),
                report.failure()
                        .map(it ->
                                new Failure(
                                        lower(it.phase()),
                                        it.isOfTheArchive(),
                                        it.reason(),
                                        it.hint()))
                        .orElse(null),
                new Rest(
                        held.kept().map(Path::toString).orElse(null),
                        held.unremembered().orElse(null)));
    }

    private static Source source(DrillReport.Source it) {
        return new Source(
                it.backup().toString(),
                it.stopTime(),
                it.member(),
                it.timeline().value(),
                it.files(),
                it.bytes(),
                it.storedBytes());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    void print(Terminal terminal) {
        if (source != null) {
            terminal.print(
                    "backup     %s, ended %s, taken from %s; %s (%s stored)"
                            .formatted(
                                    source.backup,
                                    Amounts.time(source.backupStopTime),
                                    source.member,
                                    Amounts.bytes(source.bytes),
                                    Amounts.bytes(source.storedBytes)));
        }
        terminal.print("moment     " + moment());
        if (reached != null) {
            terminal.print(
                    "reached    %s, %s; %s of WAL replayed"
                            .formatted(
                                    reached.lsn,
                                    reached.lastCommit == null
                                            ? "no transaction behind the backup"
                                            : "the last transaction is of " + reached.lastCommit,
                                    Amounts.count(reached.segments, "segment")));
        }
        terminal.print(
                "took       "
                        + phaseMillis.entrySet().stream()
                                .map(it -> it.getKey() + " " + span(it.getValue()))
                                .collect(Collectors.joining(", ")));
        terminal.print(
                "RTO        %s; RPO %s"
                        .formatted(
                                spanIfKnown(measures.rtoMillis), spanIfKnown(measures.rpoMillis)));
        checks.forEach(check -> print(check, terminal));
        end(terminal);
    }

    private String moment() {
        String target = aim.target == null ? aim.moment : aim.target;
        return aim.seed == null ? target : target + ", drawn with seed " + aim.seed;
    }

    private static void print(Check check, Terminal terminal) {
        if (check.outcome.equals(lower(Outcome.PASSED))) {
            terminal.print("checked    %s: %s".formatted(check.name, check.detail));
        } else if (check.outcome.equals(lower(Outcome.SKIPPED))) {
            terminal.print(
                    terminal.paint(Tone.CAUTION, "NOT CHECKED ")
                            + "with %s: %s".formatted(check.name, check.detail));
        }
    }

    private void end(Terminal terminal) {
        if (failure == null) {
            terminal.print(terminal.paint(Tone.GOOD, "proven"));
        } else {
            terminal.print(
                    terminal.paint(Tone.BAD, "! ")
                            + "failed at %s: %s".formatted(failure.phase, failure.reason));
            terminal.tell("hint: " + failure.hint);
        }
        if (rest.kept != null) {
            terminal.print("kept       " + rest.kept);
        }
        if (rest.unremembered != null) {
            terminal.tell("note: the repository has no report of this: " + rest.unremembered);
        }
    }

    private static String span(long millis) {
        return Amounts.span(Duration.ofMillis(millis));
    }

    private static String spanIfKnown(@Nullable Long millis) {
        return millis == null ? "unknown" : span(millis);
    }
}
