package io.matriarch.archiver.claim;

import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What killed processes have left in a store: it is no part of the archive, but takes space. */
public final class UnfinishedWrites {

    /** No creation takes so long, and no two clocks differ by so much. */
    private static final Duration AGE = Duration.ofDays(7);

    private static final Logger log = LoggerFactory.getLogger(UnfinishedWrites.class);

    private UnfinishedWrites() {}

    /** Removes them, if the store lets us: nothing depends on it. */
    public static void discard(ObjectStore store, RepositoryLayout layout, Instant now) {
        try {
            Instant before = now.minus(AGE);
            int discarded =
                    store.discardUnfinished(layout.backupsFolder(), before)
                            + store.discardUnfinished(layout.walFolder(), before);
            if (discarded > 0) {
                log.atInfo()
                        .addKeyValue("count", discarded)
                        .log("unfinished writes of the past were removed");
            }
        } catch (StoreException e) {
            log.atInfo()
                    .addKeyValue("error", e.getMessage())
                    .addKeyValue("hint", "a lifecycle rule of the bucket can end them instead")
                    .log("unfinished writes of the past were not looked for");
        }
    }
}
