package io.matriarch.sidecar.metrics;

import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.elector.situation.ArchivingReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * The numbers of a sidecar, as a scraper wants them. What is not known has no line: an absent
 * number can be alarmed of, a wrong one cannot.
 */
public final class MetricsText {

    private final StringBuilder text = new StringBuilder();

    private MetricsText() {}

    /** All of them. */
    public static String of(
            boolean isPrimary,
            boolean isReplica,
            Optional<ArchivingReport> archiving,
            Optional<DrillReport> drill,
            Instant now) {
        MetricsText metrics = new MetricsText();
        metrics.gauge("matriarch_primary", "Whether this member is the primary.", flag(isPrimary));
        metrics.gauge("matriarch_replica", "Whether it is a standby.", flag(isReplica));
        archiving.ifPresent(it -> metrics.archiving(it, now));
        drill.ifPresent(metrics::drill);
        return metrics.text.toString();
    }

    private void archiving(ArchivingReport report, Instant now) {
        gauge("matriarch_wal_waiting_files", "Files that wait to be archived.", report.waiting());
        Instant oldest = report.oldest();
        gauge(
                "matriarch_wal_waiting_seconds",
                "For how long the oldest of them has waited.",
                oldest == null ? 0 : seconds(Duration.between(oldest, now)));
        gauge(
                "matriarch_wal_volume_free_bytes",
                "Room on the volume of pg_wal.",
                (double) report.freeBytes());
        gauge("matriarch_wal_volume_bytes", "Size of that volume.", (double) report.totalBytes());
    }

    private void drill(DrillReport report) {
        gauge(
                "matriarch_drill_success",
                "Whether the last drill has proven the archive.",
                flag(report.isWell()));
        gauge(
                "matriarch_drill_timestamp_seconds",
                "When the last drill ended, since 1970.",
                report.ended().toEpochMilli() / 1000.0);
        report.measures()
                .rto()
                .ifPresent(it ->
                        gauge(
                                "matriarch_drill_rto_seconds",
                                "How long the last drill took until the server took queries.",
                                seconds(it)));
        report.measures()
                .rpo()
                .ifPresent(it ->
                        gauge(
                                "matriarch_drill_rpo_seconds",
                                "How far the newest moment that could be restored was behind.",
                                seconds(it)));
        gauge(
                "matriarch_drill_skipped_checks",
                "Checks that the last drill could not make.",
                report.skipped().size());
    }

    private static double flag(boolean isSo) {
        return isSo ? 1 : 0;
    }

    private static double seconds(Duration span) {
        return span.toMillis() / 1000.0;
    }

    private void gauge(String name, String help, double value) {
        boolean isWhole = value == Math.rint(value);
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
        text.append(name)
                .append(' ')
                .append(
                        isWhole
                                ? Long.toString((long) value)
                                : String.format(Locale.ROOT, "%.3f", value))
                .append('\n');
    }
}
