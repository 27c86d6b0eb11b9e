package io.matriarch.elector.enactment;

import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One long act at a time, on a thread of its own, so that the member goes on looking and publishing
 * meanwhile. An act that fails is logged and decided anew after a pause.
 */
final class Activity implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Activity.class);
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 2000;

    private final Runnable onEnd;
    private volatile @Nullable Thread running;
    private volatile String name = "";

    /** What is done. */
    @FunctionalInterface
    interface Act {
        void run() throws InterruptedException, TimeoutException;
    }

    Activity(Runnable onEnd) {
        this.onEnd = onEnd;
    }

    boolean isRunning() {
        return running != null;
    }

    /** What runs, for people; empty if nothing does. */
    String name() {
        return isRunning() ? name : "";
    }

    /** Starts an act, unless one runs. */
    void begin(String what, Act act) {
        if (isRunning()) {
            return;
        }
        name = what;
        Thread thread =
                Thread.ofPlatform().name("activity").daemon().unstarted(() -> run(what, act));
        running = thread;
        thread.start();
    }

    private void run(String what, Act act) {
        try {
            act.run();
        } catch (InterruptedException e) {
            log.atInfo().addKeyValue("activity", what).log("activity interrupted");
        } catch (TimeoutException | RuntimeException e) {
            log.atWarn().addKeyValue("activity", what).setCause(e).log("activity failed");
            pause();
        } finally {
            running = null;
            onEnd.run();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        Thread thread = running;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
