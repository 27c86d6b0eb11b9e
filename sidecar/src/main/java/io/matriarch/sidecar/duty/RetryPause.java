package io.matriarch.sidecar.duty;

import java.time.Duration;

/**
 * How long a scheduled base backup that failed, or was of no help, is let alone: the longer, the
 * more often it was so in a row. What fails each time must not keep a member busy for ever.
 */
public final class RetryPause {

    public static final Duration FIRST = Duration.ofSeconds(30);
    public static final Duration LONGEST = Duration.ofHours(1);

    private int failures;

    /** One more has failed; how long to wait now. */
    public Duration afterFailure() {
        Duration pause = FIRST;
        for (int i = 0; i < failures && pause.compareTo(LONGEST) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        failures++;
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }

    /** One has succeeded; where it did not help, the next would not either. */
    public Duration afterSuccess(boolean didHelp) {
        if (!didHelp) {
            return afterFailure();
        }
        failures = 0;
        return Duration.ZERO;
    }
}
