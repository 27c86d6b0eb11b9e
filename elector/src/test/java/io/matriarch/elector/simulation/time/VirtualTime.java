package io.matriarch.elector.simulation.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The time of one history, in microseconds, and all that is going to happen. Two things of one
 * moment happen in the order in which they were planned, so that a history is the same each time.
 */
public final class VirtualTime {

    public static final long MILLIS = 1000;
    public static final long SECONDS = 1_000_000;

    private long now;
    private long planned;
    private int size;
    private long[] moments = new long[256];
    private long[] orders = new long[256];
    private @Nullable Runnable[] events = new @Nullable Runnable[256];

    /** What runs at this moment as a thread would; absent in an event of its own. */
    @Nullable Fiber running;

    /** Whether something runs as a thread would, and could wait. */
    public boolean isInFiber() {
        return running != null;
    }

    public long now() {
        return now;
    }

    public void after(long micros, Runnable event) {
        at(now + micros, event);
    }

    public void at(long moment, Runnable event) {
        if (size == moments.length) {
            moments = Arrays.copyOf(moments, size * 2);
            orders = Arrays.copyOf(orders, size * 2);
            events = Arrays.copyOf(events, size * 2);
        }
        int place = size++;
        long order = planned++;
        long when = Math.max(now, moment);
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (!isBefore(when, order, parent)) {
                break;
            }
            move(parent, place);
            place = parent;
        }
        put(place, when, order, event);
    }

    /** Lets the next thing happen; false if nothing is left to happen. */
    public boolean step() {
        if (size == 0) {
            return false;
        }
        Runnable event = events[0];
        now = moments[0];
        size--;
        Runnable last = events[size];
        events[size] = null;
        if (size > 0 && last != null) {
            sink(moments[size], orders[size], last);
        }
        if (event != null) {
            event.run();
        }
        return true;
    }

    private void sink(long when, long order, Runnable event) {
        int place = 0;
        while (true) {
            int child = 2 * place + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(moments[child + 1], orders[child + 1], child)) {
                child++;
            }
            if (isBefore(when, order, child)) {
                break;
            }
            move(child, place);
            place = child;
        }
        put(place, when, order, event);
    }

    private boolean isBefore(long when, long order, int other) {
        return when < moments[other] || (when == moments[other] && order < orders[other]);
    }

    private void move(int from, int to) {
        moments[to] = moments[from];
        orders[to] = orders[from];
        events[to] = events[from];
    }

    private void put(int place, long when, long order, Runnable event) {
        moments[place] = when;
        orders[place] = order;
        events[place] = event;
    }
}
