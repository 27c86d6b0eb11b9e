package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.archiver.verification.VerificationReport;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The archive of a real cluster is read back. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class VerifiedArchiveIT {

    /** One object is read, for the first byte is enough. */
    private static final Sample ONE = new Sample(OptionalLong.of(1), 1);

    private TestCluster cluster;
    private Restores restores;
    private BaseBackup backup;

    @BeforeEach
    void a_cluster_with_a_backup() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t AS SELECT g FROM generate_series(1, 20000) g");
        backup = restores.backup("good");
        restores.archiveAll();
    }

    @AfterEach
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_whole_archive_is_proven_and_that_is_remembered() throws Exception {
        VerificationReport first = restores.verified(Sample.ALL);

        assertThat(first.damaged()).isEmpty();
        assertThat(first.unremembered()).isEmpty();
        assertThat(first.objects()).isEqualTo(first.state().present()).isGreaterThan(4);
        assertThat(first.bytes()).isGreaterThan(backup.totals().storedBytes());
        assertThat(first.state().neverProven()).isZero();
        assertThat(first.state().oldest()).contains(first.begun());

        cluster.sql("INSERT INTO t VALUES (0)");
        restores.archiveAll();
        VerificationReport second = restores.verified(ONE);

        assertThat(second.objects()).isEqualTo(1);
        assertThat(second.state().present()).isGreaterThan(first.state().present());
        assertThat(second.state().neverProven())
                .as("the new one is read first")
                .isEqualTo(second.state().present() - first.state().present() - 1);
        assertThat(cluster.store().list(cluster.layout().verificationsFolder())).hasSize(1);
    }

    @Test
    void a_sample_however_small_comes_round() throws Exception {
        VerificationReport first = restores.verified(ONE);
        long present = first.state().present();

        assertThat(first.state().neverProven()).isEqualTo(present - 1);
        for (long left = present - 2; left >= 0; left--) {
            assertThat(restores.verified(ONE).state().neverProven()).isEqualTo(left);
        }
        VerificationReport again = restores.verified(ONE);
        assertThat(again.state().oldest().orElseThrow()).isAfter(first.begun());
    }

    @Test
    void what_was_found_damaged_is_looked_at_until_it_is_mended() throws Exception {
        String key = cluster.layout().bundle(backup.id(), 0);
        Path object = cluster.object(key);
        byte[] good = flip(key);

        assertThat(restores.verified(Sample.ALL).damaged()).extracting(Damage::key).contains(key);
        VerificationReport sampled = restores.verified(ONE);
        assertThat(sampled.damaged()).extracting(Damage::key).contains(key);
        assertThat(sampled.state().neverProven()).isEqualTo(1);

        Files.write(object, good);
        VerificationReport mended = restores.verified(ONE);
        assertThat(mended.damaged()).isEmpty();
        assertThat(mended.state().neverProven()).isZero();
    }

    /** Flips a bit in the middle; returns what was there. */
    private byte[] flip(String key) throws IOException {
        byte[] good = Files.readAllBytes(cluster.object(key));
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(cluster.object(key), bad);
        return good;
    }

    @Test
    void what_a_sample_did_not_look_at_again_is_told_all_the_same() throws Exception {
        String bundle = cluster.layout().bundle(backup.id(), 0);
        String segment = segmentBetweenOthers();
        flip(bundle);
        flip(segment);

        assertThat(restores.verified(Sample.ALL).damaged())
                .extracting(Damage::key)
                .containsExactlyInAnyOrder(bundle, segment);
        VerificationReport sampled = restores.verified(ONE);
        assertThat(sampled.objects()).isEqualTo(1);
        assertThat(sampled.damaged())
                .extracting(Damage::key)
                .containsExactlyInAnyOrder(bundle, segment);
    }

    @Test
    void a_manifest_that_is_damaged_is_read_once() throws Exception {
        String manifest = cluster.layout().manifest(backup.id());
        flip(manifest);
        AtomicInteger reads = new AtomicInteger();
        ObjectStore counting =
                new Breaking(
                        cluster.store(),
                        key -> {
                            if (key.equals(manifest)) {
                                reads.incrementAndGet();
                            }
                            return false;
                        });

        VerificationReport report = restores.verified(counting, Sample.ALL);

        assertThat(report.damaged()).extracting(Damage::key).containsExactly(manifest);
        assertThat(report.state().neverProven()).isGreaterThan(1);
        assertThat(reads).hasValue(1);
    }

    private String segmentBetweenOthers() throws Exception {
        String segment =
                cluster.layout()
                        .segment(
                                WalSegment.parse(
                                        cluster.sql("SELECT pg_walfile_name(pg_current_wal_lsn())"),
                                        backup.server().walSegmentSize()));
        cluster.sql("INSERT INTO t VALUES (0)");
        restores.archiveAll();
        cluster.sql("INSERT INTO t VALUES (0)");
        restores.archiveAll();
        return segment;
    }

    @Test
    void a_segment_that_arrives_after_those_behind_it_is_not_missing() throws Exception {
        String late = segmentBetweenOthers();

        VerificationReport report =
                restores.verified(new Hiding(cluster.store(), late, ""), Sample.ALL);

        assertThat(report.damaged()).isEmpty();
    }

    @Test
    void a_backup_that_is_deleted_meanwhile_does_not_count_as_damaged() throws Exception {
        String gone = cluster.layout().bundle(backup.id(), 0);
        String description = cluster.layout().backup(backup.id());

        VerificationReport there =
                restores.verified(new Hiding(cluster.store(), gone, ""), Sample.ALL);
        VerificationReport deleted =
                restores.verified(new Hiding(cluster.store(), gone, description), Sample.ALL);

        assertThat(there.damaged()).extracting(Damage::key).contains(gone);
        assertThat(deleted.damaged()).isEmpty();
    }

    @Test
    void a_segment_that_lacks_behind_the_newest_backup_is_named() throws Exception {
        String lost = segmentBetweenOthers();
        Files.delete(cluster.object(lost));

        assertThat(restores.verified(ONE).damaged())
                .anySatisfy(damage -> {
                    assertThat(damage.key()).isEqualTo(lost);
                    assertThat(damage.isLost()).isTrue();
                });
    }

    @Test
    void who_may_only_read_verifies_and_says_that_it_is_not_remembered() throws Exception {
        VerificationReport report = restores.verified(new ReadOnly(cluster.store()), Sample.ALL);

        assertThat(report.damaged()).isEmpty();
        assertThat(report.unremembered()).contains("not allowed");
        assertThat(restores.verified(ONE).state().neverProven())
                .isEqualTo(report.state().present() - 1);
    }

    @Test
    void what_was_proven_before_the_store_broke_off_is_remembered() throws Exception {
        AtomicInteger bundles = new AtomicInteger();
        ObjectStore breaking =
                new Breaking(
                        cluster.store(),
                        key -> key.contains("/wal/") && bundles.incrementAndGet() > 1);

        assertThatThrownBy(() -> restores.verified(breaking, Sample.ALL))
                .isInstanceOf(StoreException.class);

        VerificationReport next = restores.verified(ONE);
        assertThat(next.state().neverProven()).isLessThan(next.state().present() - 1);
    }

    @Test
    void what_must_be_thawed_is_not_read_and_not_called_damaged() throws Exception {
        String cold = cluster.layout().bundle(backup.id(), 0);

        VerificationReport report =
                restores.verified(new Frozen(cluster.store(), Set.of(cold)), Sample.ALL);

        assertThat(report.damaged()).isEmpty();
        assertThat(report.cold()).isEqualTo(1);
        assertThat(report.state().neverProven()).isEqualTo(1);
    }

    private record ReadOnly(ObjectStore store) implements DelegatingStore {

        @Override
        public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
            throw new StoreException("not allowed", "ask somebody", false, null);
        }
    }

    private record Breaking(ObjectStore store, Predicate<String> breaks)
            implements DelegatingStore {

        @Override
        public Optional<InputStream> get(String key) {
            if (breaks.test(key)) {
                throw new StoreException("gone", "wait", true, null);
            }
            return store.get(key);
        }
    }

    /** A listing that was made before, or after, what one asks for now. */
    private record Hiding(ObjectStore store, String unlisted, String absent)
            implements DelegatingStore {

        @Override
        public void each(Listing listing, Consumer<ListedObject> seen) {
            store.each(
                    listing,
                    object -> {
                        if (!object.key().equals(unlisted)) {
                            seen.accept(object);
                        }
                    });
        }

        @Override
        public Optional<StoredObject> head(String key) {
            return key.equals(absent) ? Optional.empty() : store.head(key);
        }
    }

    /** As S3 answers for what has been moved to an archive of its own. */
    private record Frozen(ObjectStore store, Set<String> frozen) implements DelegatingStore {

        @Override
        public Optional<StoredObject> head(String key) {
            return new ColdStore(store, frozen).head(key);
        }

        @Override
        public Optional<InputStream> get(String key) {
            if (frozen.contains(key)) {
                throw new StoreException("InvalidObjectState", "thaw it", false, null);
            }
            return store.get(key);
        }
    }
}
