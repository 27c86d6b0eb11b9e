package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.planning.ArchiveGap;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers whether the archive lacks something between the newest base backup and the present
 * reign, and tells the log when that begins and ends. Only the archive says so, so that a sidecar
 * that starts anew finds it again.
 */
final class GapWatch {

    private static final Logger log = LoggerFactory.getLogger(GapWatch.class);

    private volatile @Nullable Reign settled;
    private volatile @Nullable Found found;

    /** A reign whose ancestors have been archived as far as anybody can. */
    private record Reign(WriterEpoch epoch, TimelineHistory history) {}

    private record Found(WriterEpoch epoch, ArchiveGap gap) {}

    /** From now on what lacks of the ancestors will not come any more. */
    void settle(WriterEpoch epoch, TimelineHistory history) {
        settled = new Reign(epoch, history);
    }

    /**
     * Looks anew, because there may be another backup. Nothing is found before the reign is
     * settled: then WAL may still be on its way.
     *
     * @param search the look at the archive, along a lineage
     * @return whether there is a gap
     */
    boolean look(WriterEpoch epoch, Function<TimelineHistory, Optional<ArchiveGap>> search) {
        Optional<ArchiveGap> before = gap(epoch);
        Reign reign = settled;
        Optional<ArchiveGap> now =
                reign == null || !reign.epoch().equals(epoch)
                        ? Optional.empty()
                        : search.apply(reign.history());
        found = now.map(gap -> new Found(epoch, gap)).orElse(null);
        if (!now.equals(before)) {
            tell(epoch, now);
        }
        return now.isPresent();
    }

    /** What was found last under an epoch. */
    Optional<ArchiveGap> gap(WriterEpoch epoch) {
        Found last = found;
        return last != null && last.epoch().equals(epoch)
                ? Optional.of(last.gap())
                : Optional.empty();
    }

    private static void tell(WriterEpoch epoch, Optional<ArchiveGap> now) {
        if (now.isPresent()) {
            log.atError()
                    .addKeyValue("epoch", epoch)
                    .addKeyValue("reason", now.get())
                    .log("a new base backup is needed");
        } else {
            log.atInfo()
                    .addKeyValue("epoch", epoch)
                    .log("the newest base backup leads to the present");
        }
    }
}
