package io.matriarch.archiver.backup;

import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.sql.ServerException;
import io.matriarch.postgres.sql.WalMark;
import io.matriarch.postgres.sql.WalSwitch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until the archive has the WAL that a backup needs. */
final class WalArrival {

    private static final Logger log = LoggerFactory.getLogger(WalArrival.class);

    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration SWITCH_AGAIN = Duration.ofSeconds(15);

    /** Several segments are archived at once, and one of them may have to be tried again. */
    private static final Duration OVERTAKEN = Duration.ofSeconds(20);

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final WalSwitch walSwitch;
    private final WalSegmentSize size;
    private Optional<WalMark> mark = Optional.empty();
    private long nextSwitch = System.nanoTime();
    private Optional<Long> overtakenSince = Optional.empty();

    WalArrival(
            ObjectStore store, RepositoryLayout layout, WalSwitch walSwitch, WalSegmentSize size) {
        this.store = store;
        this.layout = layout;
        this.walSwitch = walSwitch;
        this.size = size;
    }

    /**
     * Waits for every segment of {@code segments}.
     *
     * @return the mark that the primary left behind them; empty if it could not be asked
     * @throws BackupException when {@code limit} has passed, or if what is missing was left out: a
     *     standby's backup begins at its last restartpoint, and what was archived since may have
     *     been deleted
     */
    Optional<WalMark> await(List<WalSegment> segments, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        int arrived = 0;
        while (arrived < segments.size() || mark.isEmpty()) {
            switchWal();
            while (arrived < segments.size()
                    && store.head(layout.segment(segments.get(arrived))).isPresent()) {
                arrived++;
            }
            if (arrived == segments.size()) {
                return mark;
            }
            if (System.nanoTime() - deadline > 0) {
                throw missing(segments.get(arrived), limit);
            }
            if (isOvertaken()) {
                throw leftOut(segments.get(arrived));
            }
            Thread.sleep(PAUSE);
        }
        return mark;
    }

    /** Only the primary can end a segment; if it is away, time and traffic may do as well. */
    private void switchWal() {
        if (mark.isPresent() || System.nanoTime() - nextSwitch < 0) {
            return;
        }
        nextSwitch = System.nanoTime() + SWITCH_AGAIN.toNanos();
        try {
            mark = Optional.of(walSwitch.switchWal());
        } catch (ServerException e) {
            log.atWarn()
                    .addKeyValue("error", e.getMessage())
                    .addKeyValue("hint", e.hint())
                    .log("primary did not switch WAL for a backup");
        }
    }

    /** Whether what was written after the backup has been in the archive for a while. */
    private boolean isOvertaken() {
        if (overtakenSince.isEmpty()) {
            overtakenSince =
                    mark.map(it -> WalSegment.endingAt(it.timeline(), it.end(), size))
                            .filter(last -> store.head(layout.segment(last)).isPresent())
                            .map(last -> System.nanoTime());
        }
        return overtakenSince
                .filter(since -> System.nanoTime() - since > OVERTAKEN.toNanos())
                .isPresent();
    }

    private static BackupException leftOut(WalSegment segment) {
        return new BackupException(
                "WAL segment "
                        + segment
                        + ": not in the archive, though later ones are (expected: all WAL of the"
                        + " backup)",
                "it may have been deleted; a backup from the primary needs only what comes");
    }

    private static BackupException missing(WalSegment segment, Duration limit) {
        return new BackupException(
                "WAL segment "
                        + segment
                        + ": not in the archive after "
                        + limit.toSeconds()
                        + " s (expected: all WAL of the backup)",
                "check that archiving on the primary works, then take the backup again");
    }
}
