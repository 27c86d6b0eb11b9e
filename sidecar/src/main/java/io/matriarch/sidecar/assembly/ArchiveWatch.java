package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.planning.ArchiveGap;
import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.push.ArchiveAlarm.Cause;
import io.matriarch.archiver.push.ArchiveStatus;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.sidecar.duty.Rounds;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether WAL piles up, and whether there is room for it, and tells of a gap. The last look
 * can be asked for; the log is told when there is trouble, and when that is over, once each.
 *
 * <p>On a thread of its own: who archives may be held by the very store that is the trouble.
 */
final class ArchiveWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ArchiveWatch.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    /** Of a volume: the whole cluster need not be told of every page. */
    private static final long GRAIN = 16L << 20;

    private final ArchiveAlarm alarm;
    private final Supplier<Optional<ArchiveStatus>> archiver;
    private final Supplier<WalVolume> volume;
    private final Supplier<Optional<ArchiveGap>> gap;
    private final Rounds rounds = new Rounds("archive watch", () -> look(Instant.now()));

    private volatile @Nullable ArchivingReport report;
    private Set<Cause> told = Set.of();
    private Instant lookedAt = Instant.EPOCH;

    /**
     * @param archiver empty while it is unknown which cluster this is: then nothing is archived
     * @param gap what makes a base backup needed now; whoever finds it tells the log
     */
    ArchiveWatch(
            ArchiveAlarm alarm,
            Supplier<Optional<ArchiveStatus>> archiver,
            Supplier<WalVolume> volume,
            Supplier<Optional<ArchiveGap>> gap) {
        this.alarm = alarm;
        this.archiver = archiver;
        this.volume = volume;
        this.gap = gap;
    }

    void open() {
        rounds.open();
    }

    /** What was found by the last look; empty before the first. */
    Optional<ArchivingReport> report() {
        return Optional.ofNullable(report);
    }

    void look(Instant now) {
        if (now.isBefore(lookedAt.plus(LOOK_AGAIN))) {
            return;
        }
        lookedAt = now;
        ArchiveStatus status = archiver.get().orElse(ArchiveStatus.BEGINNING);
        WalVolume found = volume.get();
        Set<Cause> causes = alarm.causes(status, found.free(), found.total(), now);
        report = report(causes, status, found, now);
        if (!causes.equals(told)) {
            tell(causes, status, found);
            told = Set.copyOf(causes);
        }
    }

    private ArchivingReport report(
            Set<Cause> causes, ArchiveStatus status, WalVolume found, Instant now) {
        return new ArchivingReport(
                status.waiting(),
                status.oldestWaiting().orElse(null),
                found.free() / GRAIN * GRAIN,
                found.total(),
                causes.contains(Cause.WAL_WAITS) ? walAlarm(status, now) : null,
                causes.contains(Cause.VOLUME_NEARLY_FULL) ? volumeAlarm(found) : null,
                gap.get().map(ArchiveGap::toString).orElse(null));
    }

    private String walAlarm(ArchiveStatus status, Instant now) {
        return "%s of WAL wait for the archive, the oldest for %s (alarm at %s)%s"
                .formatted(
                        Amounts.count(status.waiting(), "file"),
                        Amounts.span(Duration.between(status.oldestWaiting().orElse(now), now)),
                        Amounts.span(alarm.age()),
                        status.problem().map(problem -> ": " + problem.message()).orElse(""));
    }

    private String volumeAlarm(WalVolume found) {
        return "the volume of pg_wal is nearly full: %s of %s are free (alarm below %d %%)"
                .formatted(
                        Amounts.bytes(found.free()),
                        Amounts.bytes(found.total()),
                        alarm.freePercent());
    }

    private static void tell(Set<Cause> causes, ArchiveStatus status, WalVolume found) {
        if (causes.isEmpty()) {
            log.atInfo().log("WAL does not pile up any more");
            return;
        }
        log.atError()
                .addKeyValue("causes", causes)
                .addKeyValue("waiting", status.waiting())
                .addKeyValue("oldest", status.oldestWaiting().map(Instant::toString).orElse("-"))
                .addKeyValue("freeBytes", found.free())
                .addKeyValue("archiver", status.mood())
                .addKeyValue(
                        "reason", status.problem().map(ArchiveStatus.Problem::message).orElse("-"))
                .log("WAL piles up");
    }

    @Override
    public void close() {
        rounds.close();
    }
}
