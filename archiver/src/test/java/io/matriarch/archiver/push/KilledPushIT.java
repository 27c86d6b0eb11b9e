package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archiver is killed at random moments, again and again, while this plays PostgreSQL: it asks
 * for the oldest segment, and takes it as archived when it is told so.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KilledPushIT {

    private static final int ROUNDS = 20;
    private static final int AHEAD = 12;

    @TempDir Path directory;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private FakeWal wal;
    private long acknowledged;
    private long written;

    @BeforeEach
    void a_log_to_be_archived() throws IOException {
        wal = new FakeWal(directory.resolve("data"));
    }

    @Test
    void every_acknowledged_segment_is_there_and_everything_catches_up() throws Exception {
        Path store = Files.createDirectory(directory.resolve("store"));

        killedAgainAndAgain(StoreSettings.of(new StoreLocation.Directory(store)));
    }

    @Test
    void over_s3_too() throws Exception {
        try (S3Server server = S3Server.start(directory.resolve("server"))) {
            killedAgainAndAgain(server.settings("it"));
        }
    }

    private void killedAgainAndAgain(StoreSettings store) throws Exception {
        try (ObjectStore reader = ObjectStore.open(store)) {
            for (int round = 0; round < ROUNDS; round++) {
                Process process = startProcess(store);
                long before = acknowledged;
                // Now and then it is killed before it has done anything at all.
                int enough = random.nextInt(AHEAD);
                long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (acknowledged - before < enough && System.nanoTime() < patience) {
                    play();
                }
                LockSupport.parkNanos(random.nextInt(20_000_000));
                process.destroyForcibly().waitFor();
                assertThat(acknowledged - before)
                        .as("seed %d", seed)
                        .isGreaterThanOrEqualTo(enough);
                checkAcknowledged(reader);
            }
            Process last = startProcess(store);
            try {
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> {
                            acknowledge();
                            return acknowledged == written;
                        });
            } finally {
                last.destroyForcibly().waitFor();
            }
            checkAcknowledged(reader);
        }
    }

    private Process startProcess(StoreSettings store) throws IOException {
        return PushProcess.start(
                store, wal.data(), directory.resolve("spool"), directory.resolve("output"));
    }

    /** As PostgreSQL would: new segments are finished, and the oldest is asked for. */
    private void play() throws IOException {
        while (written < acknowledged + AHEAD) {
            written++;
            wal.writeSegment(segment(written).name(), written);
            wal.ready(segment(written).name());
        }
        acknowledge();
        LockSupport.parkNanos(1_000_000);
    }

    private void acknowledge() throws IOException {
        String oldest = segment(acknowledged + 1).name();
        if (acknowledged < written
                && Files.exists(directory.resolve("spool/push").resolve(oldest + ".ok"))) {
            wal.done(oldest);
            acknowledged++;
        }
    }

    private void checkAcknowledged(ObjectStore store) throws IOException {
        ArchivedWal archive = new ArchivedWal(store, PushProcess.LAYOUT, FakeWal.SIZE);
        Path copy = directory.resolve("copy");
        for (long number = Math.max(1, acknowledged - 2L * AHEAD);
                number <= acknowledged;
                number++) {
            WalSegment segment = segment(number);
            archive.fetch(WalName.tryParse(segment.name()).orElseThrow(), copy);
            byte[] expected = FakeWal.content(segment, FakeWal.SYSTEM, number);
            assertThat(Arrays.mismatch(Files.readAllBytes(copy), expected))
                    .as("the first byte of %s that differs, seed %d", segment, seed)
                    .isNegative();
        }
    }

    private static WalSegment segment(long number) {
        return new WalSegment(TimelineId.FIRST, number, FakeWal.SIZE);
    }
}
