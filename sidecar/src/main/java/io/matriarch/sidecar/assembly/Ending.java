package io.matriarch.sidecar.assembly;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end of a process that lives until a signal. Opened first and closed last: while it is open,
 * SIGTERM and SIGINT let the main thread close what it opened, for a bounded time.
 */
final class Ending implements AutoCloseable {

    private static final long CLOSING_PATIENCE_SECONDS = 8;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    static Ending onSignal() {
        Ending ending = new Ending();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("ending").unstarted(ending::end));
        return ending;
    }

    /** Blocks until a signal asks for the end. */
    void await() throws InterruptedException {
        asked.await();
    }

    private void end() {
        asked.countDown();
        try {
            closed.await(CLOSING_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
