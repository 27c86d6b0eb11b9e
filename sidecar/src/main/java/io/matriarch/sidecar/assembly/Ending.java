package io.matriarch.sidecar.assembly;

import java.util.concurrent.CountDownLatch;

/** Turns the signals that end a process into a latch that its main thread waits on. */
final class Ending {

    private static final long CLOSING_PATIENCE_MILLIS = 8000;

    private Ending() {}

    /**
     * On SIGTERM or SIGINT opens {@code end}, and gives the main thread time to close what it
     * opened.
     */
    static void onSignal(CountDownLatch end) {
        Thread main = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("ending")
                                .unstarted(() -> {
                                    end.countDown();
                                    awaitEnd(main);
                                }));
    }

    private static void awaitEnd(Thread main) {
        try {
            main.join(CLOSING_PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
