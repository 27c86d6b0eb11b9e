package io.matriarch.archiver.fetch;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How the deciding thread and the fetching ones end: nothing is written afterwards. */
final class FetchThreads {

    private static final Duration LONGEST = Duration.ofSeconds(10);

    private FetchThreads() {}

    /** Interrupts what is under way and waits for it, the one that hands out work first. */
    static void end(@Nullable Thread deciding, ExecutorService fetchers) {
        try {
            if (deciding != null) {
                deciding.interrupt();
                deciding.join(LONGEST);
            }
            fetchers.shutdownNow();
            fetchers.awaitTermination(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            fetchers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
