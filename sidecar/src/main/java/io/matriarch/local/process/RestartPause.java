package io.matriarch.local.process;

import java.time.Duration;

/**
 * How long to wait before a process is started again. At first so short that it is back within a
 * second; one that dies again and again as soon as it lives gets longer and longer pauses.
 *
 * @param quickDeaths how many times in a row it died young
 */
public record RestartPause(int quickDeaths) {

    public static final RestartPause NONE = new RestartPause(0);

    private static final Duration YOUNG = Duration.ofSeconds(5);
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final int PATIENCE = 3;
    private static final int MOST_DOUBLINGS = 5;

    public RestartPause after(Duration life) {
        return life.compareTo(YOUNG) < 0 ? new RestartPause(quickDeaths + 1) : NONE;
    }

    public Duration length() {
        int doublings = Math.clamp(quickDeaths - PATIENCE, 0, MOST_DOUBLINGS);
        return FIRST.multipliedBy(1L << doublings);
    }
}
