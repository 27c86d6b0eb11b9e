package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
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
}
