package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Reign;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.host.BootClock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When a primary asks to be vouched for. For one thread. */
public final class Appeals {

    private static final Logger log = LoggerFactory.getLogger(Appeals.class);
    private static final Duration RETRY = Duration.ofMillis(100);

    private final Backing backing;
    private final Electors electors;
    private final LeaseSettings settings;

    private @Nullable Set<MemberName> lastMissing;

    public Appeals(Backing backing, Electors electors, LeaseSettings settings) {
        this.backing = backing;
        this.electors = electors;
        this.settings = settings;
    }

    /**
     * Asks if it is time to.
     *
     * @param extend told until when the lease may last, if everybody has vowed
     * @return how long to wait before the next look
     */
    public Duration keepUp(Reign reign, BootClock clock, Consumer<BootTime> extend)
            throws InterruptedException {
        Duration pause = settings.renewal().dividedBy(2);
        Optional<Set<MemberName>> others = backing.others();
        BootTime before = clock.now();
        Duration spare = reign.deadline().since(before);
        Duration tooLittle = spare.minus(leastSpare(reign.deadline()));
        if (others.isEmpty() || !spare.isPositive()) {
            return pause;
        }
        if (!tooLittle.isNegative()) {
            return tooLittle.compareTo(pause) < 0 ? tooLittle.plusMillis(1) : pause;
        }
        Set<MemberName> missing = backing.ask(electors, others.get(), reign.epoch(), before, pause);
        tell(reign.epoch(), missing);
        if (missing.isEmpty()) {
            extend.accept(before.plus(settings.length()));
        }
        return RETRY;
    }

    /**
     * While renewals come in time about half a lease is left, at the least. What rests on vows is
     * renewed a little less often than ZooKeeper is asked: in step with each other, the vows could
     * be ahead of a ZooKeeper that is back for ever.
     */
    private Duration leastSpare(BootTime deadline) {
        Duration renewal = settings.renewal();
        return backing.carries(deadline)
                ? settings.length().minus(renewal.multipliedBy(5).dividedBy(4))
                : renewal.multipliedBy(7).dividedBy(4);
    }

    /** Once for each change, for an outage may last. */
    private void tell(Epoch epoch, Set<MemberName> missing) {
        if (missing.equals(lastMissing)) {
            return;
        }
        lastMissing = missing;
        if (missing.isEmpty()) {
            log.atWarn()
                    .addKeyValue("epoch", epoch)
                    .log("ZooKeeper is late: the lease is upheld by the vows of the members");
        } else {
            log.atError()
                    .addKeyValue("epoch", epoch)
                    .addKeyValue("missing", missing)
                    .log("ZooKeeper is late, and not every member vouches: the lease runs out");
        }
    }
}
