package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchSettings;
import io.matriarch.archiver.fetch.WalFetcher;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3ArchivingIT extends ArchivingScenarios {

    private static S3Server server;

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3Server.start(directory);
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @Override
    ObjectStore openStore() {
        return ObjectStore.open(
                server.settings("it/" + UUID.randomUUID()).withPatience(Duration.ofSeconds(1)));
    }

    @Test
    void while_the_store_is_down_wal_waits_and_nothing_is_lost() {
        String first = writeSegment(1);
        awaitArchived(first);

        server.kill();
        writeSegment(2);
        String last = writeSegment(3);
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    ArchiveStatus status = archiver.status();
                    assertThat(status.mood()).isEqualTo(ArchiveStatus.Mood.STORE_TROUBLE);
                    assertThat(status.waiting()).isEqualTo(2);
                    assertThat(status.oldestWaiting()).isPresent();
                    assertThat(status.problem().orElseThrow().message())
                            .contains("cannot be reached");
                });
        server.restart();
        awaitArchived(last);

        assertThat(inventory().missing(segment(first), segment(last))).isEmpty();
        assertThat(archiver.status().mood()).isEqualTo(ArchiveStatus.Mood.ARCHIVING);
        assertThat(primary.query("select failed_count from pg_stat_archiver")).isEqualTo("0");
    }

    @Test
    void a_standby_waits_for_a_store_that_is_down_and_is_never_promoted_by_it() throws Exception {
        try (PostgresServer standby = PostgresServer.copyOf(primary, directory.resolve("standby"));
                WalFetcher fetcher =
                        new WalFetcher(
                                FetchSettings.of(directory.resolve("standby-spool")),
                                new ArchivedWal(store, layout, WalSegmentSize.DEFAULT),
                                () -> "f00d",
                                () -> TimelineId.FIRST)) {
            standby.configure(
                    "hot_standby = on\nrestore_command = '"
                            + scripts("standby").restoreCommand()
                            + "'");
            fetcher.start();
            awaitArchived(writeSegment(1));
            standby.asStandby().start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(rows(standby)).isEqualTo("100"));

            server.kill();
            await().atMost(PATIENCE).until(() -> fetcher.status().problem().isPresent());
            String state = standby.query("select pg_is_in_recovery()");
            server.restart();
            awaitArchived(writeSegment(2));

            assertThat(state).isEqualTo("t");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(rows(standby)).isEqualTo("200"));
            assertThat(standby.query("select pg_is_in_recovery()")).isEqualTo("t");
        }
    }

    private static String rows(PostgresServer server) {
        return server.query("select count(*) from t");
    }
}
