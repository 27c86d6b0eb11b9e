package io.matriarch.archiver.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PaceTest {

    private static final long MILLI = 1_000_000;

    /** Pairs of a time in milliseconds and an amount taken then, from a bucket of 1000 a second. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 100                       | 0     | the saved quarter of a second pays
                    0 250                       | 0     | all of it
                    0 350                       | 100   | and no more
                    0 350, 100 100              | 100   | each pays for itself once the saving is gone
                    0 350, 5000 250             | 0     | a pause saves again
                    0 350, 5000 1250            | 1000  | but a quarter of a second only
                    0 350, 50 100, 60 100       | 240   | several threads share one debt
                    0 10000                     | 9750  | a big piece is paid for afterwards
                    """)
    void what_is_taken_is_paid_for(String taken, long delayMillis, String why) {
        TokenBucket bucket = TokenBucket.of(1000, 0);
        long now = 0;
        for (String piece : taken.split(", ", -1)) {
            String[] words = piece.split(" ", -1);
            now = Long.parseLong(words[0]) * MILLI;
            bucket = bucket.take(Long.parseLong(words[1]), now);
        }

        assertThat(bucket.delay(now).toMillis()).as(why).isEqualTo(delayMillis);
    }

    @Test
    void a_clock_may_begin_anywhere() {
        long odd = Long.MAX_VALUE - 5 * MILLI;

        TokenBucket bucket = TokenBucket.of(1000, odd).take(350, odd);

        assertThat(bucket.delay(odd).toMillis()).isEqualTo(100);
        assertThat(bucket.delay(odd + 60 * MILLI).toMillis()).isEqualTo(40);
    }

    @Test
    void several_threads_together_keep_to_the_rate() throws InterruptedException {
        long rate = 4 << 20;
        long piece = 64 << 10;
        Pace pace = new Pace(new PaceLimits(OptionalLong.of(rate), PaceLimits.NONE.cpuShare()));
        int pieces = 60;

        long begin = System.nanoTime();
        inThreads(
                4,
                () -> {
                    for (int i = 0; i < pieces / 4; i++) {
                        pace.onBytes(piece);
                    }
                });
        double seconds = (System.nanoTime() - begin) / 1e9;

        double saved = rate * TokenBucket.SAVED.toMillis() / 1000.0;
        assertThat(pieces * piece).isLessThanOrEqualTo((long) (rate * seconds + saved + piece));
    }

    @Test
    void a_share_of_the_cpu_is_not_exceeded() throws InterruptedException {
        double share = 0.1;
        Pace pace = new Pace(PaceLimits.NONE.withCpuShare("0.1"));
        List<Long> used = new ArrayList<>();

        long begin = System.nanoTime();
        inThreads(
                2,
                () -> {
                    for (int i = 0; i < 20; i++) {
                        burn(5 * MILLI);
                        pace.onBytes(1);
                    }
                    synchronized (used) {
                        used.add(cpu());
                    }
                });
        double allowed =
                share
                        * Runtime.getRuntime().availableProcessors()
                        * (System.nanoTime() - begin + TokenBucket.SAVED.toNanos());

        // One piece of each thread is always under way.
        assertThat(used.stream().mapToLong(Long::longValue).sum())
                .isLessThan((long) (1.3 * allowed) + 4 * 5 * MILLI);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void burn(long nanos) {
        long end = cpu() + nanos;
        while (cpu() < end) {
            Thread.onSpinWait();
        }
    }

    private static void inThreads(int count, Runnable work) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().start(work));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "100MB/s,104857600",
        "1 MB/s,1048576",
        "2GB/s,2147483648",
        "4096kB/s,4194304",
    })
    void a_rate_is_read(String text, long bytes) {
        assertThat(PaceLimits.NONE.withThrottle(text).bytesPerSecond()).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"100", "100MB", "fast", "0MB/s", "512kB/s", "-1MB/s", "1e9MB/s", ""})
    void what_is_no_rate_is_refused_with_what_is_expected(String text) {
        assertThatThrownBy(() -> PaceLimits.NONE.withThrottle(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("backup throttle: ")
                .hasMessageContaining("expected: none, or a rate such as 100MB/s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1.5", "-0.5", "half", "NaN", ""})
    void what_is_no_share_is_refused_with_what_is_expected(String text) {
        assertThatThrownBy(() -> PaceLimits.NONE.withCpuShare(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("backup cpu-share: ")
                .hasMessageContaining("expected: a share of all CPUs from 0.01 to 1");
    }

    @Test
    void no_limit_is_a_limit_that_can_be_asked_for() {
        assertThat(PaceLimits.NONE.withThrottle("5MB/s").withThrottle("none"))
                .isEqualTo(PaceLimits.NONE);
    }
}
