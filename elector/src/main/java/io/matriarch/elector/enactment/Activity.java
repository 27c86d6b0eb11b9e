package io.matriarch.elector.enactment;

import java.util.concurrent.TimeoutException;

/**
 * One long act of a kind at a time, so that the member goes on looking and publishing meanwhile. An
 * act that fails is decided anew after a pause.
 */
public interface Activity {

    /** What is done. */
    @FunctionalInterface
    interface Act {
        void run() throws InterruptedException, TimeoutException;
    }

    boolean isRunning();

    /** What runs, for people; empty if nothing does. */
    String name();

    /** Starts an act, unless one runs. */
    void begin(String what, Act act);
}
