package io.matriarch.elector.enactment;

import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.host.BootClock;
import java.time.Duration;
import java.time.Instant;

/** Time as a member lives it. */
public interface Pace extends BootClock {

    void pause(Duration length) throws InterruptedException;

    /** The date, for people only. */
    Instant date();

    /** The time of this host. */
    static Pace ofThisHost() {
        return new Pace() {
            private final BootClock clock = BootClock.ofThisHost();

            @Override
            public BootTime now() {
                return clock.now();
            }

            @Override
            public void pause(Duration length) throws InterruptedException {
                Thread.sleep(length);
            }

            @Override
            public Instant date() {
                return Instant.now();
            }
        };
    }
}
