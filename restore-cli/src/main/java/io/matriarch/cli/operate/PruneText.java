package io.matriarch.cli.operate;

import io.matriarch.archiver.retention.Period;
import io.matriarch.archiver.retention.RetentionArguments;
import io.matriarch.archiver.retention.RetentionPlan;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.retention.Verdict;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Table;
import io.matriarch.cli.terminal.Table.Cell;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pruning would do: also the JSON of {@code prune --dry-run --json}.
 *
 * @param keepCount so many of the newest backups
 * @param keepPeriods the newest backup of so many of each, by {@code daily} and so on
 * @param floor so many restorable backups stay whatever the rest says
 * @param keepWindow so far back every moment, as in {@code PT168H}; absent if the count alone
 *     decides
 */
record PruneText(
        int keepCount,
        @Nullable String keepWindow,
        Map<String, Integer> keepPeriods,
        int floor,
        int deletedBackups,
        long deletedSegments,
        List<Row> plan) {

    /**
     * One group of objects.
     *
     * @param kind {@code backup}, {@code incomplete}, {@code wal} or {@code wal-file}
     * @param what a backup's name, segments from first to last, or a file's name
     * @param time when the backup ended; absent for others
     * @param segments how many; absent for backups
     */
    record Row(
            String kind,
            String what,
            @Nullable Instant time,
            @Nullable Long segments,
            boolean kept,
            String reason) {

        static Row of(Verdict verdict) {
            return switch (verdict) {
                case Verdict.OnBackup(var backup, var isKept, var reason) ->
                        new Row(
                                "backup",
                                backup.id().toString(),
                                backup.stopTime(),
                                null,
                                isKept,
                                reason);
                case Verdict.OnGarbage(var folder, var isKept, var reason) ->
                        new Row("incomplete", folder.toString(), null, null, isKept, reason);
                case Verdict.OnWalFile(var name, var isKept, var reason) ->
                        new Row("wal-file", name.text(), null, null, isKept, reason);
                case Verdict.OnWal(var segments, var isKept, var reason) ->
                        new Row("wal", segments.toString(), null, segments.count(), isKept, reason);
            };
        }
    }

    static PruneText of(RetentionPlan plan, RetentionPolicy policy) {
        return new PruneText(
                policy.count(),
                policy.window().map(Duration::toString).orElse(null),
                periods(policy),
                policy.floor(),
                plan.deleted().size(),
                plan.wal().stream().mapToLong(range -> range.count()).sum(),
                plan.verdicts().stream().map(Row::of).toList());
    }

    private static Map<String, Integer> periods(RetentionPolicy policy) {
        Map<String, Integer> periods = new LinkedHashMap<>();
        for (Period period : Period.values()) {
            if (policy.periods().count(period) > 0) {
                periods.put(
                        RetentionArguments.of(period).substring("keep-".length()),
                        policy.periods().count(period));
            }
        }
        return periods;
    }

    void print(Terminal terminal) {
        Table table = Table.of("verdict", "kind", "what", "ended", ">segments", "reason");
        for (Row row : plan) {
            Instant time = row.time;
            Long segments = row.segments;
            table.add(
                    row.kept ? Cell.of("keep") : new Cell("delete", Tone.CAUTION),
                    Cell.of(row.kind),
                    Cell.of(row.what),
                    Cell.of(time == null ? "" : Amounts.time(time)),
                    Cell.of(segments == null ? "" : segments.toString()),
                    Cell.of(row.reason));
        }
        table.print(terminal);
        terminal.print(
                "would delete %s and %s; nothing was deleted"
                        .formatted(
                                Amounts.count(deletedBackups, "backup"),
                                Amounts.count(deletedSegments, "segment")));
    }
}
