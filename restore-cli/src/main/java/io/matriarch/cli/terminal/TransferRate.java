package io.matriarch.cli.terminal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** How fast something has moved lately. */
public final class TransferRate {

    private static final long WINDOW_NANOS = Duration.ofSeconds(15).toNanos();

    private record Sample(long nanos, long bytes) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    public void add(long nanos, long bytes) {
        samples.addLast(new Sample(nanos, bytes));
        while (samples.size() > 2 && nanos - samples.getFirst().nanos > WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    /** Bytes in a second; 0 if nothing is known yet. */
    public long perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        long nanos = samples.getLast().nanos - samples.getFirst().nanos;
        long bytes = samples.getLast().bytes - samples.getFirst().bytes;
        return nanos <= 0 ? 0 : (long) (bytes * 1e9 / nanos);
    }

    /** How long {@code bytes} more will take at this rate. */
    Optional<Duration> timeFor(long bytes) {
        long rate = perSecond();
        return rate <= 0 ? Optional.empty() : Optional.of(Duration.ofMillis(bytes * 1000 / rate));
    }
}
