package io.matriarch.cli.drill;

import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.cli.terminal.Amounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The last drill, as whoever looks at the cluster or at what can be restored is told of it.
 *
 * @param host where it was held
 * @param backup that was restored; absent if no plan was made
 * @param reached where replay ended; absent if it did not
 * @param lastCommit when the last transaction in it had been committed; absent if none was replayed
 * @param rtoMillis from its beginning until the server took queries; absent if it did not
 * @param rpoMillis how far the newest moment that could be restored was behind; absent if unknown
 * @param skipped checks that could not be made, with the reason
 * @param failure why nothing is proven; absent if it is
 */
public record LastDrill(
        Instant ended,
        String host,
        @Nullable String backup,
        @Nullable String reached,
        @Nullable Instant lastCommit,
        @Nullable Long rtoMillis,
        @Nullable Long rpoMillis,
        List<String> skipped,
        @Nullable String failure) {

    public static LastDrill of(DrillReport report) {
        return new LastDrill(
                report.ended(),
                report.host(),
                report.source().map(it -> it.backup().toString()).orElse(null),
                report.reached().map(it -> it.lsn().toString()).orElse(null),
                report.reached().flatMap(DrillReport.Reached::lastCommit).orElse(null),
                report.measures().rto().map(Duration::toMillis).orElse(null),
                report.measures().rpo().map(Duration::toMillis).orElse(null),
                report.skipped().stream().map(it -> it.name() + ": " + it.detail()).toList(),
                report.failure().map(LastDrill::words).orElse(null));
    }

    private static String words(DrillReport.Failure failure) {
        return failure.phase().name().toLowerCase(Locale.ROOT) + ": " + failure.reason();
    }

    /** In one line. */
    public String words(Instant now) {
        String when = Amounts.ago(ended, now) + " on " + host;
        if (failure != null) {
            return when + ": failed at " + failure;
        }
        return "%s to %s%s, %s; RTO %s, RPO %s%s"
                .formatted(
                        backup,
                        reached,
                        lastCommit == null ? "" : " (" + Amounts.time(lastCommit) + ")",
                        when,
                        span(rtoMillis),
                        span(rpoMillis),
                        skipped.isEmpty()
                                ? ""
                                : "; not checked with " + String.join(", ", skipped));
    }

    private static String span(@Nullable Long millis) {
        return millis == null ? "unknown" : Amounts.span(Duration.ofMillis(millis));
    }
}
