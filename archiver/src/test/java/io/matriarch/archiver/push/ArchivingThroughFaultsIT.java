package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchOutcome;
import io.matriarch.archiver.push.ArchiveStatus.Mood;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.s3.Fault;
import io.matriarch.archiver.s3.FaultProxy;
import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.s3.TestCertificate;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The archiver, a real S3 server, and a proxy between them that fails. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchivingThroughFaultsIT {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);
    private static final int SEGMENTS = 6;
    private static final int ALL_FAIL = 5;

    private static S3Server server;
    private static FaultProxy proxy;
    private static FaultProxy secure;

    @TempDir Path directory;
    private ObjectStore direct;
    private ObjectStore store;
    private FakeWal wal;
    private WalArchiver archiver;

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3Server.start(directory.resolve("server"));
        proxy = FaultProxy.before(server.settings("it"));
        secure = FaultProxy.before(server.settings("it"), TestCertificate.in(directory, "proxy"));
    }

    @AfterAll
    static void stop_the_server() {
        proxy.close();
        secure.close();
        server.close();
    }

    @BeforeEach
    void an_archiver_behind_the_proxy() throws IOException {
        archiveThrough(proxy);
    }

    private void archiveThrough(FaultProxy way) throws IOException {
        StoreSettings settings = server.settings("it/" + UUID.randomUUID());
        direct = ObjectStore.open(settings);
        StoreSettings through = way.through(settings);
        store =
                ObjectStore.open(
                        new StoreSettings(
                                through.location(),
                                through.credentials(),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1)));
        wal = new FakeWal(directory.resolve("data"));
        archiver =
                new WalArchiver(
                        PushSettings.of(
                                LAYOUT,
                                FakeWal.SIZE,
                                "node1",
                                wal.data(),
                                directory.resolve("spool")),
                        store,
                        () -> Optional.of(new WriterEpoch(5)));
    }

    @AfterEach
    void ended() {
        proxy.heal();
        secure.heal();
        archiver.close();
        store.close();
        direct.close();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("an error of the server", new Fault.Refuse(500, "InternalError")),
                Arguments.of("a storm of SlowDown", Fault.SLOW_DOWN),
                Arguments.of("a conflict with another write", new Fault.Refuse(409, "Conflict")),
                Arguments.of("a reset connection", new Fault.Reset()),
                Arguments.of("a lost answer", new Fault.LoseAnswer()),
                Arguments.of(
                        "an error in place of the answer",
                        new Fault.ReplaceAnswer(500, Fault.error("InternalError"))),
                Arguments.of("an answer cut off", new Fault.Truncate(0)),
                Arguments.of("a black hole", new Fault.BlackHole()),
                Arguments.of("a credential that lapsed", new Fault.Refuse(403, "ExpiredToken")));
    }

    /** Every request fails for a while, and then every fifth. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void nothing_is_confirmed_that_is_not_there_and_it_catches_up_by_itself(
            String what, Fault fault) throws IOException {
        AtomicInteger requests = new AtomicInteger();
        proxy.faults(passing -> {
            int number = requests.getAndIncrement();
            return number < ALL_FAIL || number % 5 == 0 ? fault : Fault.NONE;
        });

        archiveAll();

        assertThat(requests).hasValueGreaterThan(ALL_FAIL + 5);
        assertArchivedAsWritten();
    }

    /** A writer that meets its own earlier success must not take it for another's. */
    @Test
    void lost_answers_to_each_put_are_no_conflict() throws IOException {
        AtomicInteger lost =
                proxy.fail(
                        SEGMENTS + 1,
                        passing -> passing.is(Operation.PUT_OBJECT),
                        new Fault.LoseAnswer());

        archiveAll();

        assertThat(lost).hasValueGreaterThan(SEGMENTS);
        assertArchivedAsWritten();
    }

    static Stream<Arguments> damages() {
        return Stream.of(new Fault.FlipUp(50_000), new Fault.CutUp(50_000))
                .flatMap(fault -> Stream.of(Arguments.of(false, fault), Arguments.of(true, fault)));
    }

    /** Objects of each kind: the mark of the epoch is sent first, then the segments. */
    @ParameterizedTest(name = "over TLS: {0}, {1}")
    @MethodSource("damages")
    void what_is_damaged_on_its_way_up_is_never_confirmed(boolean isSecure, Fault fault)
            throws IOException {
        ended();
        FaultProxy way = isSecure ? secure : proxy;
        archiveThrough(way);
        AtomicInteger uploads = new AtomicInteger();
        way.faults(passing ->
                passing.is(Operation.PUT_OBJECT) && uploads.getAndIncrement() % 2 == 0
                        ? fault
                        : Fault.NONE);

        archiveAll();

        assertThat(uploads).hasValueGreaterThan(SEGMENTS + 1);
        assertArchivedAsWritten();
    }

    /** The faults that a day at sea brings, by a seed that the name tells. */
    @ParameterizedTest
    @MethodSource("seeds")
    void whatever_goes_wrong_at_random_the_archive_is_whole_in_the_end(long seed)
            throws IOException {
        List<Fault> kinds =
                List.of(
                        Fault.SLOW_DOWN,
                        new Fault.Refuse(500, "InternalError"),
                        new Fault.Reset(),
                        new Fault.LoseAnswer(),
                        new Fault.ReplaceAnswer(503, Fault.error("ServiceUnavailable")),
                        new Fault.Truncate(0));
        Random random = new Random(seed);
        proxy.faults(_ -> {
            synchronized (random) {
                return random.nextInt(3) == 0
                        ? kinds.get(random.nextInt(kinds.size()))
                        : Fault.NONE;
            }
        });

        archiveAll();

        assertArchivedAsWritten();
    }

    static Stream<Long> seeds() {
        return Stream.of(1L, 2L, 3L);
    }

    @Test
    void an_error_that_needs_a_person_is_told_and_work_goes_on_once_it_is_mended()
            throws IOException {
        proxy.faults(_ -> new Fault.Refuse(403, "AccessDenied"));
        wal.writeSegment(file(1), 1);
        wal.ready(file(1));
        archiver.start();
        eventually(() -> {
            assertThat(archiver.status().mood()).isEqualTo(Mood.STORE_TROUBLE);
            assertThat(archiver.status().problem().orElseThrow().message())
                    .contains("AccessDenied");
        });
        assertThat(word(file(1))).doesNotExist();

        proxy.heal();

        eventually(() -> assertThat(word(file(1))).exists());
    }

    private void archiveAll() throws IOException {
        for (int number = 1; number <= SEGMENTS; number++) {
            wal.writeSegment(file(number), number);
            wal.ready(file(number));
        }
        archiver.start();
        List<String> confirmed = new ArrayList<>();
        eventually(() -> {
            for (int number = 1; number <= SEGMENTS; number++) {
                String file = file(number);
                if (!confirmed.contains(file) && Files.exists(word(file))) {
                    // Looked at at once, and past the proxy.
                    assertArchivedAsWritten(number);
                    confirmed.add(file);
                }
            }
            assertThat(archiver.status().mood()).isNotEqualTo(Mood.CONFLICT);
            assertThat(confirmed).hasSize(SEGMENTS);
        });
    }

    private void assertArchivedAsWritten() throws IOException {
        for (int number = 1; number <= SEGMENTS; number++) {
            assertArchivedAsWritten(number);
        }
    }

    private void assertArchivedAsWritten(int number) throws IOException {
        Path copy = directory.resolve("copy-" + number);
        assertThat(new ArchivedWal(direct, LAYOUT, FakeWal.SIZE).fetch(name(file(number)), copy))
                .isInstanceOf(FetchOutcome.Fetched.class);
        assertThat(Files.mismatch(copy, wal.data().resolve("pg_wal").resolve(file(number))))
                .as("the first byte of segment %d that differs", number)
                .isNegative();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }

    private Path word(String name) {
        return directory.resolve("spool").resolve("push").resolve(name + ".ok");
    }

    private static String file(int number) {
        return "%08X%08X%08X".formatted(1, 0, number);
    }

    private static WalName name(String file) {
        return WalName.tryParse(file).orElseThrow();
    }
}
