package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.push.ArchiveAlarm.Cause;
import io.matriarch.archiver.push.ArchiveStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log when WAL piles up, and when that is over; once each. */
final class ArchiveWatch {

    private static final Logger log = LoggerFactory.getLogger(ArchiveWatch.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final ArchiveAlarm alarm;
    private final Path walDirectory;
    private Set<Cause> told = Set.of();
    private Instant lookedAt = Instant.EPOCH;

    ArchiveWatch(ArchiveAlarm alarm, Path dataDirectory) {
        this.alarm = alarm;
        this.walDirectory = dataDirectory.resolve("pg_wal");
    }

    void look(ArchiveStatus status, Instant now) {
        if (now.isBefore(lookedAt.plus(LOOK_AGAIN)) || !Files.isDirectory(walDirectory)) {
            return;
        }
        lookedAt = now;
        try {
            FileStore volume = Files.getFileStore(walDirectory);
            long free = volume.getUsableSpace();
            Set<Cause> causes = alarm.causes(status, free, volume.getTotalSpace(), now);
            if (!causes.equals(told)) {
                tell(causes, status, free);
                told = Set.copyOf(causes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tell(Set<Cause> causes, ArchiveStatus status, long free) {
        if (causes.isEmpty()) {
            log.atInfo().log("WAL does not pile up any more");
            return;
        }
        log.atError()
                .addKeyValue("causes", causes)
                .addKeyValue("waiting", status.waiting())
                .addKeyValue("oldest", status.oldestWaiting().map(Instant::toString).orElse("-"))
                .addKeyValue("freeBytes", free)
                .addKeyValue("archiver", status.mood())
                .addKeyValue(
                        "reason", status.problem().map(ArchiveStatus.Problem::message).orElse("-"))
                .log("WAL piles up");
    }
}
