package io.matriarch.archiver.claim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.s3.DoubleTraits;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The small objects that bind, pin and bury, on a service that damages what it keeps. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DamagedMarksTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), new SystemIdentifier(7));
    private static final BackupId BACKUP = BackupId.parse("20261121T083000Z-5f3a09c1");
    private static final Claim CLAIM =
            new Claim(
                    Claim.FORMAT,
                    new ClusterName("shop"),
                    new SystemIdentifier(7),
                    "f00d",
                    new WalSegmentSize(16 << 20),
                    Instant.parse("2026-11-21T06:00:00Z"));

    private S3Double server;
    private ObjectStore store;

    @BeforeEach
    void a_repository_with_a_backup() {
        server = S3Double.start(DoubleTraits.AMAZON);
        store = ObjectStore.open(server.settings("it").withPatience(Duration.ofMillis(300)));
        store.putIfAbsent(LAYOUT.backup(BACKUP), Body.of("{}".getBytes(UTF_8)), Metadata.NONE);
    }

    @AfterEach
    void closed() {
        store.close();
        server.close();
    }

    @Test
    void a_mark_that_was_damaged_once_is_whole_in_the_end() {
        damageTheFirst();
        Claims.take(store, LAYOUT, CLAIM);
        assertThat(Claims.read(store, LAYOUT)).contains(CLAIM);

        damageTheFirst();
        Pin pin = new Pin(BACKUP, "audit", Instant.parse("2026-11-21T09:00:00Z"));
        assertThat(new Pins(store, LAYOUT).pin(pin)).isEqualTo(pin);
        assertThat(new Pins(store, LAYOUT).all()).containsEntry(BACKUP, pin);

        damageTheFirst();
        new Tombstones(store, LAYOUT).raise(BACKUP, Instant.now());
        assertThat(new Tombstones(store, LAYOUT).all()).containsExactly(BACKUP);
    }

    @Test
    void a_mark_that_is_always_damaged_is_trouble_and_does_not_stay() {
        server.bucket().damage((_, content) -> Arrays.copyOf(content, content.length / 2));
        Pin pin = new Pin(BACKUP, "audit", Instant.parse("2026-11-21T09:00:00Z"));

        assertThatThrownBy(() -> Claims.take(store, LAYOUT, CLAIM))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> new Pins(store, LAYOUT).pin(pin))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> new Tombstones(store, LAYOUT).raise(BACKUP, Instant.now()))
                .isInstanceOf(StoreException.class);

        assertThat(server.bucket().keys()).containsExactly("it/" + LAYOUT.backup(BACKUP));
    }

    private void damageTheFirst() {
        AtomicInteger uploads = new AtomicInteger();
        server.bucket()
                .damage((_, content) ->
                        uploads.getAndIncrement() == 0
                                ? Arrays.copyOf(content, content.length / 2)
                                : content);
    }
}
