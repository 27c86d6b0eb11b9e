package io.matriarch.elector.member;

import io.matriarch.elector.enactment.Activity;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Long acts on a thread of their own; one that fails is logged, and told once as long as it fails
 * in the same way.
 */
final class ActivityThread implements Activity, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ActivityThread.class);
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 2000;

    private final String kind;
    private final Runnable onEnd;
    private volatile @Nullable Thread running;
    private volatile String name = "";
    private volatile String lastFailure = "";

    /**
     * @param kind the thread's name
     */
    ActivityThread(String kind, Runnable onEnd) {
        this.kind = kind;
        this.onEnd = onEnd;
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    @Override
    public String name() {
        return isRunning() ? name : "";
    }

    @Override
    public void begin(String what, Act act) {
        if (isRunning()) {
            return;
        }
        name = what;
        Thread thread = Thread.ofPlatform().name(kind).daemon().unstarted(() -> run(what, act));
        running = thread;
        thread.start();
    }

    private void run(String what, Act act) {
        try {
            act.run();
            lastFailure = "";
        } catch (InterruptedException e) {
            log.atInfo().addKeyValue("activity", what).log("activity interrupted");
        } catch (TimeoutException | RuntimeException e) {
            tell(what, e);
            pause();
        } finally {
            running = null;
            onEnd.run();
        }
    }

    private void tell(String what, Exception failure) {
        String text = what + ": " + failure + ", " + failure.getCause();
        if (!text.equals(lastFailure)) {
            lastFailure = text;
            log.atWarn().addKeyValue("activity", what).setCause(failure).log("activity failed");
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
