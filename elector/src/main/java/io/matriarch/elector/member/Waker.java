package io.matriarch.elector.member;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Something to wait on that anybody may wake; several wakes while nobody waits count as one. */
public final class Waker {

    private final Semaphore wakes = new Semaphore(0);

    public void wake() {
        wakes.release();
    }

    void await(Duration patience) throws InterruptedException {
        if (wakes.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            wakes.drainPermits();
        }
    }
}
