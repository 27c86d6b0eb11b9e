package io.matriarch.archiver.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.SidecarMemory;
import io.matriarch.archiver.push.FakeWal;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.s3.LongLog;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million segments of WAL, with the memory of a sidecar. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LongArchiveIT {

    private static final long SEGMENTS = 1_000_000;

    /** Of these, the newest backup does not need the first. */
    private static final long UNNEEDED = 200_000;

    private static final Instant BEGIN = Instant.parse("2026-11-21T08:00:00Z");

    @TempDir Path directory;

    private final LongLog log =
            new LongLog("p/", LongArchiveProcess.LAYOUT, FakeWal.SIZE, SEGMENTS);

    @Test
    void pruning_and_planning_a_restore_take_no_more_memory_than_a_sidecar_has() throws Exception {
        try (S3Double s3 = S3Double.start(log)) {
            takeBackup(s3);

            String said = run("prune", s3);

            assertThat(said).contains("pruned " + UNNEEDED, "planned " + (SEGMENTS - UNNEEDED));
            assertThat(log.deleted()).isEqualTo(UNNEEDED);
        }
    }

    @Test
    void a_promotion_looks_at_the_end_of_the_log_only() throws Exception {
        try (S3Double s3 = S3Double.start(log)) {
            String said = run("backfill", s3);

            assertThat(said).contains("continuous true", "pushed 1");
            assertThat(log.pages()).isLessThan(10);
        }
    }

    private String run(String act, S3Double s3) throws Exception {
        Process process =
                SidecarMemory.start(
                        LongArchiveProcess.class,
                        act,
                        s3.location("p", "").toString(),
                        directory.toString(),
                        Long.toString(SEGMENTS));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static void takeBackup(S3Double s3) {
        WalSegment start = new WalSegment(TimelineId.FIRST, UNNEEDED, FakeWal.SIZE);
        BaseBackup backup =
                new BaseBackup(
                        1,
                        new BackupId(BEGIN, 1),
                        "test",
                        LongArchiveProcess.LAYOUT.cluster(),
                        LongArchiveProcess.LAYOUT.systemIdentifier(),
                        new BackupServer(150_000, FakeWal.SIZE, "node1", 1, false, true),
                        new BackupWal(
                                TimelineId.FIRST,
                                start.start().plus(40),
                                start.start().plus(400),
                                BEGIN,
                                BEGIN.plusSeconds(60),
                                Optional.empty()),
                        new BackupTotals(1, 1, 1, BEGIN.plusSeconds(60)),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
        try (ObjectStore store = ObjectStore.open(s3.settings("p"))) {
            store.putIfAbsent(
                    LongArchiveProcess.LAYOUT.backup(backup.id()),
                    Body.of(RepositoryJson.write(backup)),
                    Metadata.NONE);
        }
    }
}
