package io.matriarch.archiver.pace;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Holds working threads back so that together they keep to limits. A thread tells of its work after
 * each piece of it, and is let go on when that is paid for.
 */
public final class Pace {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ThreadLocal<Long> cpuTold = ThreadLocal.withInitial(() -> cpuNanos());
    private @Nullable TokenBucket bytes;
    private @Nullable TokenBucket cpu;

    public Pace(PaceLimits limits) {
        long now = System.nanoTime();
        limits.bytesPerSecond().ifPresent(rate -> bytes = TokenBucket.of((double) rate, now));
        limits.cpuShare()
                .ifPresent(share ->
                        cpu =
                                TokenBucket.of(
                                        share * 1e9 * Runtime.getRuntime().availableProcessors(),
                                        now));
    }

    private static long cpuNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    /**
     * Tells that this thread has read {@code read} bytes more, and waits as long as the limits
     * demand.
     *
     * @throws UncheckedIOException if the thread is interrupted meanwhile
     */
    public void onBytes(long read) {
        Duration delay = pay(read);
        if (delay.isZero()) {
            return;
        }
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(
                    new InterruptedIOException("interrupted while keeping to the throttle"));
        }
    }

    private synchronized Duration pay(long read) {
        long now = System.nanoTime();
        Duration delay = Duration.ZERO;
        TokenBucket ofBytes = bytes;
        if (ofBytes != null) {
            bytes = ofBytes.take(read, now);
            delay = bytes.delay(now);
        }
        TokenBucket ofCpu = cpu;
        if (ofCpu != null) {
            long used = cpuNanos();
            cpu = ofCpu.take(used - cpuTold.get(), now);
            cpuTold.set(used);
            Duration forCpu = cpu.delay(now);
            delay = forCpu.compareTo(delay) > 0 ? forCpu : delay;
        }
        return delay;
    }
}
