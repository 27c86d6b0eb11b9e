package io.matriarch.sidecar.assembly;

import io.matriarch.elector.control.ControlDirectory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Listens to the bell of the control directory, and passes every ring on. */
final class Ear implements AutoCloseable {

    private static final Duration NO_BELL_YET = Duration.ofMillis(250);

    private final ControlDirectory control;
    private final Runnable onRing;
    private final Thread thread;
    private volatile boolean isClosed;

    Ear(ControlDirectory control, Runnable onRing) {
        this.control = control;
        this.onRing = onRing;
        this.thread = Thread.ofPlatform().name("bell").daemon().unstarted(this::listen);
    }

    void open() {
        thread.start();
    }

    private void listen() {
        while (!isClosed) {
            if (control.awaitRing()) {
                onRing.run();
            } else {
                LockSupport.parkNanos(NO_BELL_YET.toNanos());
            }
        }
    }

    @Override
    public void close() {
        isClosed = true;
        control.ringSidecar();
    }
}
