package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchException;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPlan;
import io.matriarch.archiver.retention.RetentionPlanner;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of object, damaged in every way: the restore finds it, and says which it is. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedArchiveIT {

    private static final TimelineId BRANCH = new TimelineId(2);

    private static final Pattern OFFER = Pattern.compile("--lsn (\\S+) --exclusive");

    /** What becomes of an object's bytes. */
    enum Damage {
        FLIPPED_AT_THE_BEGINNING,
        FLIPPED_IN_THE_MIDDLE,
        FLIPPED_AT_THE_END,
        CUT_BY_A_BYTE,
        CUT_IN_HALF,
        EMPTIED,
        MISSING;

        void on(Path object, byte[] good) throws IOException {
            switch (this) {
                case FLIPPED_AT_THE_BEGINNING -> Files.write(object, flipped(good, 0));
                case FLIPPED_IN_THE_MIDDLE -> Files.write(object, flipped(good, good.length / 2));
                case FLIPPED_AT_THE_END -> Files.write(object, flipped(good, good.length - 1));
                case CUT_BY_A_BYTE -> Files.write(object, Arrays.copyOf(good, good.length - 1));
                case CUT_IN_HALF -> Files.write(object, Arrays.copyOf(good, good.length / 2));
                case EMPTIED -> Files.write(object, new byte[0]);
                case MISSING -> Files.delete(object);
            }
        }

        private static byte[] flipped(byte[] good, int at) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            return bad;
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    private TestCluster cluster;
    private Restores restores;
    private BaseBackup backup;
    private RestorePlan plan;

    @BeforeAll
    void a_cluster_with_a_backup_and_a_branch() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t AS SELECT g FROM generate_series(1, 20000) g");
        backup = restores.backup("good");
        cluster.sql("INSERT INTO t VALUES (0)");
        String end = cluster.sql("SELECT pg_current_wal_lsn()");
        restores.archiveAll();
        put(cluster.layout().history(BRANCH), "1\t" + end + "\tno recovery target specified\n");
        plan = restores.plan(alongTheFirst());
        put(cluster.layout().segment(plan.wal().getLast().on(BRANCH)), "of the branch");
    }

    private void put(String key, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        cluster.store()
                .putIfAbsent(
                        key,
                        Body.of(bytes),
                        Metadata.of(
                                Map.of(
                                        "content-size",
                                        Integer.toString(bytes.length),
                                        "content-sha256",
                                        digest)));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_bundle(Damage damage) throws Exception {
        String name =
                backup.objects().stream()
                        .filter(it -> it.name().startsWith("bundle-"))
                        .max(Comparator.comparingLong(BackupObject::size))
                        .orElseThrow()
                        .name();
        String key = cluster.layout().backupFolder(backup.id()) + name;

        damaged(key, damage, () -> assertRestoreNames(key));
    }

    @ParameterizedTest
    @EnumSource(names = {"CUT_BY_A_BYTE", "CUT_IN_HALF", "EMPTIED", "MISSING"})
    void a_bundle_that_is_not_in_its_size_before_anything_is_written(Damage damage)
            throws Exception {
        String key = cluster.layout().bundle(backup.id(), 0);
        Path directory = cluster.fresh("unwritten-" + damage);

        damaged(
                key,
                damage,
                () -> {
                    assertThatThrownBy(() ->
                                    new RestoreRun(
                                                    cluster.store(),
                                                    cluster.layout(),
                                                    plan,
                                                    Restores.into(directory))
                                            .check(false))
                            .isInstanceOf(RestoreException.class)
                            .hasMessageContaining(key);
                    assertThat(assertRestoreNames(key)).doesNotExist();
                    assertThat(restorable()).isEmpty();
                });
        assertThat(directory).doesNotExist();
        assertThat(restorable()).containsExactly(backup);
    }

    private List<BaseBackup> restorable() {
        return new RestorePlanner(
                        ArchiveSurvey.forListing(
                                cluster.store(), cluster.layout(), Optional.empty()))
                .restorable(TimelineHistory.of(TimelineId.FIRST));
    }

    @ParameterizedTest
    @EnumSource
    void the_bundle_that_is_the_last(Damage damage) throws Exception {
        int last =
                (int)
                                backup.objects().stream()
                                        .filter(it -> it.name().startsWith("bundle-"))
                                        .count()
                        - 1;
        String key = cluster.layout().backupFolder(backup.id()) + RepositoryLayout.bundleName(last);

        damaged(key, damage, () -> assertRestoreNames(key));
    }

    @ParameterizedTest
    @EnumSource
    void the_manifest(Damage damage) throws Exception {
        String key = cluster.layout().manifest(backup.id());

        damaged(key, damage, () -> assertThat(assertRestoreNames(key)).doesNotExist());
    }

    @ParameterizedTest
    @EnumSource
    void a_segment(Damage damage) throws Exception {
        WalSegment segment = plan.wal().getLast();
        String key = cluster.layout().segment(segment);

        damaged(key, damage, () -> assertRestoreNames(key));
    }

    @Test
    void a_gap_behind_which_a_time_lies_by_little() throws Exception {
        WalSegment lost = plan.wal().getLast();
        String before = cluster.layout().segment(plan.wal().get(plan.wal().size() - 2));
        cluster.sql("INSERT INTO t VALUES (1)");
        restores.archiveAll();
        Instant little = cluster.store().head(before).orElseThrow().lastModified().plusSeconds(30);

        damaged(
                cluster.layout().segment(lost),
                Damage.MISSING,
                () -> {
                    RestorePlan upToTheGap =
                            restores.plan(
                                    new RestoreRequest(
                                            new RestoreTarget.PointInTime(little, true),
                                            Optional.of(TimelineId.FIRST),
                                            Optional.of(backup.id())));
                    RestoreOptions options = Restores.into(cluster.fresh("gap"));
                    assertThatThrownBy(() ->
                                    new RestoreRun(
                                                    cluster.store(),
                                                    cluster.layout(),
                                                    upToTheGap,
                                                    options)
                                            .check(false))
                            .isInstanceOf(RestoreException.class)
                            .hasMessageContaining("gap")
                            .hasMessageContaining(lost.name());
                });
    }

    @Test
    void what_lies_before_a_gap_is_restored_as_the_refusal_says() throws Exception {
        deed(-1);
        deed(-2);
        WalSegment lost = restores.plan(alongTheFirst()).wal().getLast();
        deed(-3);

        damaged(
                cluster.layout().segment(lost),
                Damage.MISSING,
                () -> {
                    Planning refusal = restores.planning(alongTheFirst());
                    assertThat(refusal).isInstanceOf(Planning.Refused.class);
                    Matcher offer = OFFER.matcher(((Planning.Refused) refusal).hint());
                    assertThat(offer.find()).isTrue();
                    RestoreTarget offered =
                            new RestoreTarget.AtLsn(Lsn.parse(offer.group(1)), false);
                    Path directory = cluster.fresh("before-the-gap");

                    restores.restore(
                            restores.plan(
                                    new RestoreRequest(
                                            offered,
                                            Optional.of(TimelineId.FIRST),
                                            Optional.empty())),
                            Restores.into(directory));

                    Restores.started(
                            directory,
                            port ->
                                    assertThat(TestCluster.sql(port, "SELECT g FROM t WHERE g < 0"))
                                            .isEqualTo("-1"));
                });
    }

    private void deed(int row) throws Exception {
        cluster.sql("INSERT INTO t VALUES (" + row + ")");
        restores.archiveAll();
    }

    @ParameterizedTest
    @EnumSource
    void the_backups_own_description(Damage damage) throws Exception {
        String key = cluster.layout().backup(backup.id());

        damaged(
                key,
                damage,
                () -> {
                    assertDescriptionIsRefused();
                    if (damage != Damage.MISSING) {
                        assertVerificationNames(key);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MISSING")
    void the_sum_of_the_description(Damage damage) throws Exception {
        String key = cluster.layout().backupSum(backup.id());

        damaged(
                key,
                damage,
                () -> {
                    assertDescriptionIsRefused();
                    assertRefusalNames(ofTheBackup(), key);
                });
    }

    /** Every digit counts: another position would still be a position. */
    @Test
    void any_bit_of_the_description() throws Exception {
        Path object = cluster.object(cluster.layout().backup(backup.id()));
        byte[] good = Files.readAllBytes(object);
        try {
            for (int at = 0; at < good.length; at++) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << (at % 8));
                Files.write(object, bad);
                assertThatThrownBy(
                                () -> Backups.find(cluster.store(), cluster.layout(), backup.id()))
                        .as("byte %d", at)
                        .isInstanceOf(RepositoryException.class)
                        .hasMessageContaining(cluster.layout().backup(backup.id()));
            }
        } finally {
            Files.write(object, good);
        }
    }

    @Test
    void a_backup_of_a_version_that_wrote_no_sum_is_read() throws Exception {
        damaged(
                cluster.layout().backupSum(backup.id()),
                Damage.MISSING,
                () ->
                        assertThat(Backups.find(cluster.store(), cluster.layout(), backup.id()))
                                .contains(backup));
    }

    private void assertDescriptionIsRefused() {
        assertRefusalNames(ofTheBackup(), "backup.json");
        assertRefusalNames(ofTheBackup(), backup.id().toString());
        assertThat(Backups.list(cluster.store(), cluster.layout())).isEmpty();
        RetentionFacts facts =
                RetentionFacts.of(cluster.store(), cluster.layout(), Optional.empty(), Set.of());
        RetentionPlan pruning =
                RetentionPlanner.plan(
                        facts, RetentionPolicy.keep(1), Instant.now().plus(Duration.ofHours(12)));
        assertThat(pruning.isEmpty()).isTrue();
    }

    private RestoreRequest ofTheBackup() {
        return new RestoreRequest(
                new RestoreTarget.Latest(),
                Optional.of(TimelineId.FIRST),
                Optional.of(backup.id()));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MISSING")
    void a_history_that_replay_asks_for(Damage damage) throws Exception {
        String key = cluster.layout().history(BRANCH);

        damaged(key, damage, () -> assertFetchNames(new WalName.History(BRANCH)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MISSING")
    void a_label_in_the_log(Damage damage) throws Exception {
        WalName label = WalName.tryParse("000000010000000000000001.00000028.backup").orElseThrow();
        put(cluster.layout().wal(label), "START WAL LOCATION: 0/1000028\n");

        damaged(
                cluster.layout().wal(label),
                damage,
                () -> {
                    assertFetchNames(label);
                    assertVerificationNames(cluster.layout().wal(label));
                });
    }

    private void assertFetchNames(WalName name) {
        ArchivedWal wal =
                new ArchivedWal(
                        cluster.store(), cluster.layout(), backup.server().walSegmentSize());
        Path target = cluster.fresh("fetched-" + System.nanoTime());
        assertThatThrownBy(() -> wal.fetch(name, target))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining(name.text())
                .hasMessageContaining("is damaged");
        assertThat(target).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void a_history(Damage damage) throws Exception {
        String key = cluster.layout().history(BRANCH);

        damaged(
                key,
                damage,
                () -> {
                    assertRefusalNames(RestoreRequest.of(new RestoreTarget.Latest()), key);
                    assertThat(restores.plan(alongTheFirst()).notes())
                            .anySatisfy(note -> assertThat(note).contains(key));
                    assertNothingIsPruned(damage, key);
                    assertVerificationNames(key);
                });
    }

    private void assertNothingIsPruned(Damage damage, String key) {
        if (damage == Damage.MISSING) {
            RetentionFacts facts =
                    RetentionFacts.of(
                            cluster.store(), cluster.layout(), Optional.empty(), Set.of());
            assertThat(
                            RetentionPlanner.plan(
                                            facts,
                                            RetentionPolicy.keep(1),
                                            Instant.now().plus(Duration.ofHours(12)))
                                    .isEmpty())
                    .isTrue();
            return;
        }
        assertThatThrownBy(
                        () -> ArchiveSurvey.of(cluster.store(), cluster.layout(), Optional.empty()))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining(key);
    }

    @Test
    void a_history_that_is_lost_between_plan_and_restore() throws Exception {
        String key = cluster.layout().history(BRANCH);

        damaged(key, Damage.MISSING, () -> assertRestoreNames(key));
    }

    private void damaged(String key, Damage damage, Check check) throws Exception {
        Path object = cluster.object(key);
        byte[] good = Files.readAllBytes(object);
        try {
            damage.on(object, good);
            check.run();
        } finally {
            Files.write(object, good);
        }
    }

    /** So do a verification and a drill, which cannot know of a segment that was once the last. */
    private Path assertRestoreNames(String key) throws InterruptedException {
        if (!key.contains("/wal/") || Files.exists(cluster.object(key))) {
            assertVerificationNames(key);
            restores.assertDrillBlames(key);
        }
        Path directory = cluster.fresh("damaged-" + System.nanoTime());
        assertThatThrownBy(() -> restores.restore(plan, Restores.into(directory)))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining(key);
        assertThat(directory.resolve("global/pg_control")).doesNotExist();
        return directory;
    }

    private void assertVerificationNames(String key) throws InterruptedException {
        assertThat(restores.verified(Sample.ALL).damaged())
                .extracting(it -> it.key())
                .contains(key);
    }

    private void assertRefusalNames(RestoreRequest request, String what) {
        assertThat(restores.planning(request))
                .isInstanceOfSatisfying(
                        Planning.Refused.class,
                        refused -> assertThat(refused.reason()).contains(what));
    }

    private static RestoreRequest alongTheFirst() {
        return new RestoreRequest(
                new RestoreTarget.Latest(), Optional.of(TimelineId.FIRST), Optional.empty());
    }
}
