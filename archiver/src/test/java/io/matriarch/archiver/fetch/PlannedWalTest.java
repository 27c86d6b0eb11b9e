package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan of twenty segments, of which three may lie ahead. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlannedWalTest {

    private static final int AHEAD = 3;

    @TempDir private Path folder;
    private final Map<String, Integer> brought = new ConcurrentHashMap<>();
    private final List<WalName> plan =
            LongStream.range(1, 21)
                    .mapToObj(it -> new WalSegment(TimelineId.FIRST, it, WalSegmentSize.DEFAULT))
                    .<WalName>map(it -> new WalName.Segment(it.timeline(), it.name()))
                    .toList();

    @Test
    void only_so_many_lie_ahead_and_in_their_order() {
        try (PlannedWal wal = started(this::bring)) {
            awaitThere(0, 1, 2);
            for (int i = 0; i + AHEAD < plan.size(); i++) {
                take(i);
                awaitThere(i + 1, i + 2, i + 3);
                assertThat(there()).isEqualTo(AHEAD);
            }
            assertThat(wal.failure()).isEmpty();
        }
        assertThat(brought).hasSize(plan.size()).containsValue(1).doesNotContainValue(2);
    }

    @Test
    void a_server_that_begins_anew_gets_earlier_segments_again() {
        try (PlannedWal _ = started(this::bring)) {
            for (int i = 0; i < 6; i++) {
                awaitThere(i);
                take(i);
            }

            want(1);

            awaitThere(1, 2, 3);
            assertThat(brought).containsEntry(plan.get(1).text(), 2);
        }
    }

    @Test
    void a_server_that_begins_later_gets_what_it_asks_for_and_no_earlier_one_stays() {
        try (PlannedWal _ = started(this::bring)) {
            awaitThere(0, 1, 2);

            want(10);

            awaitThere(10, 11, 12);
            await(() -> there() == AHEAD);
        }
    }

    @Test
    void the_question_is_taken_away_by_whoever_is_at_work() {
        try (PlannedWal _ =
                started((name, file) -> {
                    throw new StoreException("in trouble", "wait", true, null);
                })) {
            want(0);

            await(() -> !Files.exists(folder.resolve(plan.getFirst().text() + ".want")));
            assertThat(folder.resolve(plan.getFirst().text() + ".error")).doesNotExist();
        }
    }

    @Test
    void trouble_that_passes_is_waited_out() {
        AtomicInteger calls = new AtomicInteger();
        try (PlannedWal wal =
                started((name, file) -> {
                    if (calls.incrementAndGet() < 6) {
                        throw new StoreException("in trouble", "wait", true, null);
                    }
                    bring(name, file);
                })) {
            awaitThere(0, 1, 2);
            assertThat(wal.failure()).isEmpty();
        }
    }

    @Test
    void a_segment_that_will_not_come_is_answered_with_the_reason_when_it_is_asked_for() {
        WalName lost = plan.get(2);
        try (PlannedWal wal =
                started((name, file) -> {
                    if (name.equals(lost)) {
                        throw new IllegalStateException("object x: missing");
                    }
                    bring(name, file);
                })) {
            awaitThere(0, 1, 3);
            assertThat(wal.failure()).isEmpty();
            take(0);
            take(1);

            want(2);

            Path answer = folder.resolve(lost.text() + ".error");
            await(() -> Files.exists(answer));
            assertThat(answer).hasContent("object x: missing\n");
            assertThat(wal.failure())
                    .hasValueSatisfying(it -> assertThat(it).hasMessage("object x: missing"));
        }
    }

    /** Else the server would wait for ever: as it is, it learns that nobody brings the segment. */
    @Test
    void a_question_for_what_is_not_in_the_plan_stays() throws Exception {
        Path stranger = folder.resolve("0000000100000000000000FF.want");
        Files.createFile(stranger);
        try (PlannedWal _ = started(this::bring)) {
            want(0);

            await(() -> !Files.exists(folder.resolve(plan.getFirst().text() + ".want")));
            assertThat(stranger).exists();
        }
    }

    /** Whoever closes it may take the folder away, or give it to another. */
    @Test
    void nothing_is_written_once_it_is_closed() {
        CountDownLatch begun = new CountDownLatch(AHEAD);
        try (PlannedWal _ =
                started((name, file) -> {
                    begun.countDown();
                    writeUntilInterrupted(file);
                    // A write that has been handed to the system is not taken back.
                    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                    bring(name, file);
                })) {
            await(() -> begun.getCount() == 0);
        }
        Map<String, Integer> whenClosed = Map.copyOf(brought);

        assertThat(whenClosed).hasSize(AHEAD);
    }

    private static void writeUntilInterrupted(Path file) {
        while (!Thread.interrupted()) {
            try {
                Files.writeString(file, "part of it");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private PlannedWal started(PlannedWal.Source source) {
        PlannedWal wal = new PlannedWal(source, plan, folder, AHEAD);
        wal.start();
        return wal;
    }

    private void bring(WalName name, Path file) {
        try {
            Files.writeString(file, name.text());
            brought.merge(name.text(), 1, Integer::sum);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void take(int index) {
        assertThat(folder.resolve(plan.get(index).text()).toFile().delete()).isTrue();
    }

    private void want(int index) {
        try {
            Files.createFile(folder.resolve(plan.get(index).text() + ".want"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitThere(int... indexes) {
        for (int index : indexes) {
            await(() -> Files.exists(folder.resolve(plan.get(index).text())));
        }
    }

    private long there() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(it -> WalSegment.isName(it.getFileName().toString())).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(condition);
    }
}
