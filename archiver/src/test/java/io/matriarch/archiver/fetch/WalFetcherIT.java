package io.matriarch.archiver.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.Zstd;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.push.FakeWal;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalFetcherIT {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);

    @TempDir Path directory;
    private Path repository;
    private ObjectStore store;
    private WalFetcher fetcher;

    @BeforeEach
    void start_a_fetcher() throws IOException {
        repository = Files.createDirectory(directory.resolve("store"));
        store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)));
        Files.createDirectories(spool(""));
        Files.writeString(spool(name(9)), "left over by another restore");
        fetcher = fetcher(store);
        fetcher.start();
    }

    private WalFetcher fetcher(ObjectStore from) {
        return new WalFetcher(
                new FetchSettings(directory.resolve("spool"), 2),
                new ArchivedWal(from, LAYOUT, FakeWal.SIZE),
                () -> "f00d",
                () -> TimelineId.FIRST);
    }

    @AfterEach
    void stop_it() {
        fetcher.close();
    }

    private Path spool(String file) {
        return directory.resolve("spool/fetch").resolve(file);
    }

    private static WalSegment segment(long number) {
        return new WalSegment(TimelineId.FIRST, number, FakeWal.SIZE);
    }

    private static String name(long number) {
        return segment(number).name();
    }

    private void archive(long number, SystemIdentifier system) {
        byte[] content = FakeWal.content(segment(number), system, number);
        store.putIfAbsent(
                LAYOUT.segment(segment(number)), Body.of(Zstd.compress(content)), Metadata.NONE);
    }

    private void want(String name) throws IOException {
        Files.createFile(spool(name + ".want"));
        fetcher.wake();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    @Test
    void what_is_archived_is_handed_out_whole() throws IOException {
        archive(1, FakeWal.SYSTEM);

        want(name(1));

        eventually(() -> assertThat(spool(name(1))).exists());
        assertThat(spool(name(1))).hasBinaryContent(FakeWal.content(segment(1), FakeWal.SYSTEM, 1));
        eventually(() -> assertThat(spool(name(1) + ".want")).doesNotExist());
    }

    @Test
    void after_two_in_a_row_the_next_ones_lie_ready_and_no_more() throws IOException {
        for (int i = 1; i <= 6; i++) {
            archive(i, FakeWal.SYSTEM);
        }
        want(name(1));
        eventually(() -> assertThat(spool(name(1))).exists());
        assertThat(spool(name(2))).doesNotExist();
        Files.delete(spool(name(1)));

        want(name(2));

        eventually(() -> {
            assertThat(spool(name(2))).exists();
            assertThat(spool(name(3))).exists();
            assertThat(spool(name(4))).exists();
        });
        Files.delete(spool(name(2)));
        Files.delete(spool(name(3)));
        eventually(() -> assertThat(spool(name(5))).exists());
        assertThat(spool(name(6))).doesNotExist();
    }

    @Test
    void absence_is_said_when_the_store_has_said_so() throws IOException {
        want(name(1));

        eventually(() -> assertThat(spool(name(1) + ".absent")).exists());
        assertThat(spool(name(1) + ".error")).doesNotExist();
    }

    @Test
    void a_store_that_is_gone_is_trouble_and_not_absence() throws IOException {
        Files.delete(repository);

        want(name(1));

        eventually(() -> assertThat(spool(name(1) + ".error")).exists());
        assertThat(spool(name(1) + ".absent")).doesNotExist();
        assertThat(fetcher.status().problem()).isPresent();
    }

    @Test
    void a_damaged_segment_is_never_handed_out() throws IOException {
        byte[] packed = Zstd.compress(FakeWal.content(segment(1), FakeWal.SYSTEM, 1));
        store.putIfAbsent(
                LAYOUT.segment(segment(1)), Body.of(packed, packed.length / 2), Metadata.NONE);

        want(name(1));

        eventually(() -> assertThat(spool(name(1) + ".error")).content().contains("damaged"));
        assertThat(spool(name(1))).doesNotExist();
    }

    @Test
    void a_segment_of_another_cluster_is_never_handed_out() throws IOException {
        archive(1, new SystemIdentifier(8));

        want(name(1));

        eventually(() ->
                assertThat(spool(name(1) + ".error"))
                        .content()
                        .contains("system identifier: 8 (expected: 7)"));
    }

    /** A copy of a cluster has the same name and system identifier, and other WAL. */
    @Test
    void nothing_is_believed_of_an_archive_that_another_has_claimed() throws IOException {
        claim("beef");
        archive(1, FakeWal.SYSTEM);

        want(name(1));
        want(name(2));

        for (int asked = 1; asked <= 2; asked++) {
            Path answer = spool(name(asked) + ".error");
            eventually(() ->
                    assertThat(answer)
                            .content()
                            .contains("belongs to owner beef", "expected: f00d", "hint: "));
        }
        assertThat(spool(name(1))).doesNotExist();
        assertThat(spool(name(2) + ".absent")).doesNotExist();
        assertThat(fetcher.status().problem()).isPresent();
    }

    @Test
    void the_claim_is_read_once_and_again_after_trouble() throws IOException {
        fetcher.close();
        claim("f00d");
        // Not in a row, so that none is fetched ahead.
        List<Long> good = List.of(1L, 3L, 5L, 9L);
        good.forEach(number -> archive(number, FakeWal.SYSTEM));
        archive(7, new SystemIdentifier(8));
        AtomicInteger readings = new AtomicInteger();
        fetcher =
                fetcher(
                        new WatchedStore(
                                store,
                                call -> {
                                    if (call.equals("get " + LAYOUT.claim())) {
                                        readings.incrementAndGet();
                                    }
                                    return false;
                                }));
        fetcher.start();

        wantAndGet(name(1));
        wantAndGet(name(3));
        wantAndGet(name(5));
        int whileAllIsWell = readings.get();
        want(name(7));
        eventually(() -> assertThat(spool(name(7) + ".error")).exists());
        wantAndGet(name(9));

        assertThat(whileAllIsWell).isEqualTo(1);
        assertThat(readings).hasValue(2);
    }

    private void claim(String owner) {
        Claims.take(store, LAYOUT, Claim.of(LAYOUT, owner, FakeWal.SIZE, Instant.EPOCH));
    }

    private void wantAndGet(String name) throws IOException {
        want(name);
        eventually(() -> assertThat(spool(name)).exists());
    }

    @Test
    void timelines_that_the_cluster_has_not_agreed_on_are_hidden() throws IOException {
        TimelineId two = new TimelineId(2);
        store.putIfAbsent(
                LAYOUT.history(two), Body.of("1\t0/1000000\tx\n".getBytes(UTF_8)), Metadata.NONE);

        want(two.historyFileName());

        eventually(() -> assertThat(spool(two.historyFileName() + ".absent")).exists());
    }

    @Test
    void nothing_of_an_earlier_life_is_handed_out() throws IOException {
        assertThat(spool(name(9))).doesNotExist();

        want(name(9));

        eventually(() -> assertThat(spool(name(9) + ".absent")).exists());
    }

    @Test
    void content_that_is_not_what_its_metadata_says_is_never_handed_out() throws IOException {
        byte[] content = FakeWal.content(segment(1), FakeWal.SYSTEM, 1);
        store.putIfAbsent(
                LAYOUT.segment(segment(1)),
                Body.of(Zstd.compress(content)),
                new WalContent(content.length, "0".repeat(64)).metadata("node1", 1));

        want(name(1));

        eventually(() ->
                assertThat(spool(name(1) + ".error")).content().contains("damaged", "expected: 0"));
        assertThat(spool(name(1))).doesNotExist();
    }

    @Test
    void what_a_listing_shows_and_a_read_does_not_find_is_trouble_and_not_absence()
            throws IOException {
        fetcher.close();
        archive(1, FakeWal.SYSTEM);
        fetcher = fetcher(new Forgetful(store));
        fetcher.start();

        want(name(1));

        eventually(() -> assertThat(spool(name(1) + ".error")).content().contains("lists"));
        assertThat(spool(name(1) + ".absent")).doesNotExist();
    }

    @Test
    void what_was_fetched_for_another_data_directory_is_forgotten_at_once() throws IOException {
        archive(1, FakeWal.SYSTEM);
        want(name(1));
        eventually(() -> assertThat(spool(name(1))).exists());

        fetcher.forget();

        assertThat(spool("")).isEmptyDirectory();
        want(name(1));
        eventually(() -> assertThat(spool(name(1))).exists());
    }

    @Test
    void a_partial_segment_never_stands_in_for_the_whole_one() throws IOException {
        byte[] content = FakeWal.content(segment(1), FakeWal.SYSTEM, 1);
        WalName partial = WalName.tryParse(name(1) + ".partial").orElseThrow();
        store.putIfAbsent(LAYOUT.wal(partial), Body.of(Zstd.compress(content)), Metadata.NONE);

        want(name(1));

        eventually(() -> assertThat(spool(name(1) + ".absent")).exists());
        want(partial.text());
        eventually(() -> assertThat(spool(partial.text())).hasBinaryContent(content));
    }

    @Test
    void of_large_segments_fewer_are_fetched_ahead() {
        FetchSettings settings = FetchSettings.of(directory);

        assertThat(settings.depth(new WalSegmentSize(16 << 20))).isEqualTo(6);
        assertThat(settings.depth(new WalSegmentSize(64 << 20))).isEqualTo(2);
        assertThat(settings.depth(new WalSegmentSize(1 << 30))).isEqualTo(1);
    }

    /** A store whose listings know more than its reads. */
    private record Forgetful(ObjectStore store) implements DelegatingStore {

        @Override
        public Optional<StoredObject> head(String key) {
            return Optional.empty();
        }

        @Override
        public Optional<InputStream> get(String key) {
            return Optional.empty();
        }
    }
}
