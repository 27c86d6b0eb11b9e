package io.matriarch.elector.simulation.time;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One life of a process. What is to happen in it waits while it is frozen, and is void once it is
 * dead.
 */
public final class Lifetime {

    /** What a thread does. */
    @FunctionalInterface
    public interface Body {
        void run() throws InterruptedException;
    }

    private final VirtualTime time;
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private boolean isDead;
    private int freezes;
    private long runningSince;

    public Lifetime(VirtualTime time) {
        this.time = time;
        this.runningSince = time.now();
    }

    /** Since when it has not been frozen. */
    public long runningSince() {
        return runningSince;
    }

    public boolean isDead() {
        return isDead;
    }

    public boolean isFrozen() {
        return freezes > 0;
    }

    /** Whether it does anything now. */
    public boolean isRunning() {
        return !isDead && freezes == 0;
    }

    public void run(Runnable event) {
        if (isDead) {
            return;
        }
        if (freezes > 0) {
            held.add(event);
        } else {
            event.run();
        }
    }

    public void after(long micros, Runnable event) {
        time.after(micros, () -> run(event));
    }

    /** Starts what a thread would be. */
    public void fork(Body body) {
        Fiber fiber = new Fiber(time, body);
        after(0, fiber::resume);
    }

    /** Stops the running fiber of this life for so long. */
    public void sleep(long micros) {
        Fiber fiber = current();
        after(micros, fiber::resume);
        Fiber.park();
    }

    private Fiber current() {
        Fiber fiber = time.running;
        if (fiber == null) {
            throw new IllegalStateException("only a fiber can wait");
        }
        return fiber;
    }

    /** Something that one fiber waits for, for some time at most. */
    public final class Gate {
        private @Nullable Fiber waiting;
        private boolean isOpen;

        /** Lets the one pass who waits, or who will come to wait. */
        public void open() {
            isOpen = true;
            Fiber fiber = waiting;
            waiting = null;
            if (fiber != null) {
                run(fiber::resume);
            }
        }

        /** Waits until it is open, or for so long; closes it again. */
        public boolean await(long micros) {
            if (!isOpen) {
                Fiber fiber = current();
                waiting = fiber;
                after(
                        micros,
                        () -> {
                            if (waiting == fiber) {
                                waiting = null;
                                fiber.resume();
                            }
                        });
                Fiber.park();
            }
            boolean wasOpen = isOpen;
            isOpen = false;
            return wasOpen;
        }
    }

    public Gate gate() {
        return new Gate();
    }

    public void freeze() {
        freezes++;
    }

    public void thaw() {
        freezes--;
        if (freezes == 0) {
            runningSince = time.now();
        }
        while (freezes == 0 && !held.isEmpty() && !isDead) {
            held.poll().run();
        }
    }

    public void kill() {
        isDead = true;
        held.clear();
    }
}
