package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchSettings;
import io.matriarch.archiver.fetch.WalFetcher;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.script.ControlScripts;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL that archives and is restored by the scripts, whatever the store. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class ArchivingScenarios {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path directory;

    ObjectStore store;
    PostgresServer primary;
    RepositoryLayout layout;
    WalArchiver archiver;
    final AtomicReference<Optional<WriterEpoch>> permission =
            new AtomicReference<>(Optional.of(new WriterEpoch(1)));

    abstract ObjectStore openStore();

    @BeforeEach
    void start_a_primary_that_archives() throws IOException {
        store = openStore();
        primary = PostgresServer.initialise(directory.resolve("primary"));
        ControlScripts scripts = scripts("primary");
        layout = layoutOf(primary);
        primary.configure(
                "archive_mode = on\nwal_level = replica\narchive_command = '"
                        + scripts.archiveCommand()
                        + "'");
        archiver = archiverOf(primary, "primary");
        archiver.start();
        primary.start();
        primary.execute("create table t (id int)");
    }

    @AfterEach
    void stop_all() {
        archiver.close();
        primary.close();
        store.close();
    }

    ControlScripts scripts(String name) throws IOException {
        Path control = Files.createDirectories(directory.resolve(name + "-control"));
        Path spool = directory.resolve(name + "-spool");
        PostgresServer.giveToServer(Files.createDirectories(spool.resolve("fetch")));
        ControlScripts scripts =
                new ControlScripts(control, spool, ControlScripts.TROUBLE_OF_A_STANDBY);
        scripts.install();
        return scripts;
    }

    static RepositoryLayout layoutOf(PostgresServer server) {
        return new RepositoryLayout(
                new ClusterName("shop"),
                new DataDirectory(server.data()).controlFile().orElseThrow().systemIdentifier());
    }

    PushSettings pushSettings(PostgresServer server, String name) {
        return PushSettings.of(
                layout,
                WalSegmentSize.DEFAULT,
                name + "/1",
                server.data(),
                directory.resolve(name + "-spool"));
    }

    WalArchiver archiverOf(PostgresServer server, String name) {
        return new WalArchiver(pushSettings(server, name), store, permission::get);
    }

    /** Writes something, and ends the segment. */
    String writeSegment(int value) {
        primary.execute("insert into t select " + value + " from generate_series(1, 100)");
        String name = primary.query("select pg_walfile_name(pg_current_wal_lsn())");
        primary.execute("select pg_switch_wal()");
        return name;
    }

    void awaitArchived(String name) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(
                                        primary.query(
                                                "select coalesce(last_archived_wal, '') from"
                                                        + " pg_stat_archiver"))
                                .isGreaterThanOrEqualTo(name));
    }

    private static String hasReceived(String name) {
        return "select pg_last_wal_receive_lsn() >= '" + segment(name).end() + "'::pg_lsn";
    }

    WalInventory inventory() {
        return WalInventory.of(WalSegmentSize.DEFAULT, store.list(layout.walFolder()));
    }

    static WalSegment segment(String name) {
        return WalSegment.parse(name, WalSegmentSize.DEFAULT);
    }

    @Test
    void every_segment_is_archived_also_across_a_restart_of_the_archiver() {
        String first = writeSegment(1);
        awaitArchived(first);
        archiver.close();
        writeSegment(2);
        String last = writeSegment(3);

        archiver = archiverOf(primary, "primary");
        archiver.start();
        awaitArchived(last);

        assertThat(inventory().missing(segment(first), segment(last))).isEmpty();
        assertThat(archiver.status().mood()).isEqualTo(ArchiveStatus.Mood.ARCHIVING);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(directory.resolve("primary-spool/push")).isEmptyDirectory());
    }

    @Test
    void a_standby_replays_from_the_archive_alone() throws IOException {
        try (PostgresServer standby = PostgresServer.copyOf(primary, directory.resolve("standby"));
                WalFetcher fetcher =
                        new WalFetcher(
                                FetchSettings.of(directory.resolve("standby-spool")),
                                new ArchivedWal(store, layout, WalSegmentSize.DEFAULT),
                                () -> "f00d",
                                () -> TimelineId.FIRST)) {
            ControlScripts scripts = scripts("standby");
            standby.configure(
                    "hot_standby = on\nrestore_command = '" + scripts.restoreCommand() + "'");
            fetcher.start();
            String last = "";
            for (int i = 0; i < 8; i++) {
                last = writeSegment(i);
            }
            awaitArchived(last);

            standby.asStandby().start();

            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(standby.query("select count(*) from t")).isEqualTo("800"));
            assertThat(standby.logText()).doesNotContain("FATAL");
        }
    }

    @Test
    void other_content_under_the_same_name_is_a_conflict_and_stays() {
        String current = primary.query("select pg_walfile_name(pg_current_wal_lsn())");
        String key = layout.segment(segment(current));
        store.putIfAbsent(
                key,
                Body.of("foreign".getBytes(StandardCharsets.UTF_8)),
                Metadata.of(Map.of("content-size", "7", "content-sha256", "00")));

        String next = writeSegment(1);
        writeSegment(2);

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(primary.logText()).contains("was refused", "has other content"));
        assertThat(next).isEqualTo(current);
        assertThat(archiver.status().mood()).isEqualTo(ArchiveStatus.Mood.CONFLICT);
        assertThat(archiver.status().problem().orElseThrow().name()).contains(current);
        assertThat(store.head(key).orElseThrow().size()).isEqualTo(7);
        assertThat(primary.query("select last_archived_wal from pg_stat_archiver"))
                .isNotEqualTo(current);
    }

    @Test
    void the_new_primary_archives_what_the_old_one_had_not() throws Exception {
        String archived = writeSegment(1);
        awaitArchived(archived);
        try (PostgresServer standby =
                PostgresServer.copyOf(primary, directory.resolve("standby"))) {
            ControlScripts scripts = scripts("standby");
            standby.configure(
                    "hot_standby = on\nwal_keep_size = '1GB'\nprimary_conninfo = '"
                            + primary.connectionInfo()
                            + "'\narchive_command = '"
                            + scripts.archiveCommand()
                            + "'");
            standby.asStandby().start();
            permission.set(Optional.empty());
            writeSegment(2);
            String unarchived = writeSegment(3);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(standby.query(hasReceived(unarchived))).isEqualTo("t"));
            assertThat(inventory().contains(segment(unarchived))).isFalse();
            primary.stop("immediate");
            archiver.close();
            standby.promote();
            TimelineId two = new TimelineId(2);
            TimelineHistory history = new DataDirectory(standby.data()).history(two).orElseThrow();
            permission.set(Optional.of(new WriterEpoch(2)));

            BackfillReport report = backfill(standby, "standby", history, 2);

            assertThat(report.isContinuous()).as(report.toString()).isTrue();
            assertThat(report.pushed()).contains(segment(unarchived));
            assertThat(inventory().missing(segment(archived), segment(unarchived))).isEmpty();
            assertThat(inventory().hasHistory(two)).isTrue();
            assertThat(backfill(primary, "primary", history, 1).refused())
                    .containsExactly("epoch: 1 (expected: 2 or later)");
        }
    }

    private BackfillReport backfill(
            PostgresServer server, String name, TimelineHistory history, long epoch)
            throws InterruptedException {
        try (WalArchiver successor = archiverOf(server, name)) {
            return successor.backfill(history, new WriterEpoch(epoch));
        }
    }
}
