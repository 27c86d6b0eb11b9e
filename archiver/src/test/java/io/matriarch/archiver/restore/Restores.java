package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.drill.DrillMoment;
import io.matriarch.archiver.drill.DrillOptions;
import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.drill.DrillRequest;
import io.matriarch.archiver.drill.DrillRun;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.archiver.verification.Verification;
import io.matriarch.archiver.verification.VerificationOptions;
import io.matriarch.archiver.verification.VerificationReport;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/** Backups of a test's cluster and restores of them, as the programs do them. */
record Restores(TestCluster cluster) {

    /** What a test asks of a restored server. */
    interface Checks {
        void on(int port) throws Exception;
    }

    BaseBackup backup(String label) throws InterruptedException {
        return new BackupRun(
                        cluster.store(),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        new BackupSettings(2, 1, 1 << 20, Duration.ofMinutes(1)),
                        new WalSwitch(cluster.address()))
                .run(label, TransferProgress.SILENT);
    }

    /** Has the current segment archived, and waits for it. */
    void archiveAll() throws Exception {
        String last = cluster.sql("SELECT pg_walfile_name(pg_switch_wal())");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        cluster.sql("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")
                                        .compareTo(last)
                                >= 0);
    }

    Planning planning(RestoreRequest request) {
        return new RestorePlanner(
                        ArchiveSurvey.forRestore(
                                cluster.store(), cluster.layout(), Optional.empty()))
                .plan(request);
    }

    RestorePlan plan(RestoreRequest request) {
        Planning planning = planning(request);
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        return ((Planning.Planned) planning).plan();
    }

    /** As a program plans that is run again. */
    RestorePlan plan(RestoreRequest request, Path begun) {
        ArchiveFacts facts =
                ArchiveSurvey.forRestore(cluster.store(), cluster.layout(), Optional.empty());
        Planning planning = new RestorePlanner(facts).plan(request, RestoreFolder.begun(begun));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        return ((Planning.Planned) planning).plan();
    }

    static RestoreOptions into(Path directory) {
        return into(directory, RestoreMode.Recover.DEFAULT);
    }

    static RestoreOptions into(Path directory, RestoreMode mode) {
        return new RestoreOptions(directory, mode, Map.of(), TestCluster.owner(), 4);
    }

    RestoreReport restore(RestorePlan plan, RestoreOptions options) throws InterruptedException {
        return restore(cluster.store(), plan, options);
    }

    RestoreReport restore(ObjectStore store, RestorePlan plan, RestoreOptions options)
            throws InterruptedException {
        return new RestoreRun(store, cluster.layout(), plan, options).run(TransferProgress.SILENT);
    }

    /** Restores and replays with WAL that comes meanwhile. */
    RecoveryOutcome streamed(RestorePlan plan, RestoreOptions options, Checks checks)
            throws Exception {
        RestoreRun run = new RestoreRun(cluster.store(), cluster.layout(), plan, options);
        try (PlannedWal stream = run.stream()) {
            run.run(TransferProgress.SILENT, stream);
            return started(options.directory(), checks);
        }
    }

    /** Starts a server, waits for the end of its recovery, and stops it after the checks. */
    static RecoveryOutcome started(Path directory, Checks checks) throws Exception {
        int port = FreePort.draw();
        RestoredServer server = start(directory, port);
        try {
            RecoveryOutcome outcome = server.follow(progress -> {});
            checks.on(port);
            return outcome;
        } finally {
            server.stop();
        }
    }

    static RestoredServer start(Path directory, int port) throws InterruptedException {
        return RestoredServer.start(
                directory,
                new ServerPrograms(
                        TestCluster.PROGRAMS,
                        TestCluster.owner(),
                        port,
                        TestCluster.USER,
                        Duration.ofMinutes(1)));
    }

    VerificationReport verified(Sample sample) throws InterruptedException {
        return verified(cluster.store(), sample);
    }

    VerificationReport verified(ObjectStore store, Sample sample) throws InterruptedException {
        return new Verification(
                        store,
                        cluster.layout(),
                        new VerificationOptions(sample, 1, PaceLimits.NONE))
                .run(Optional.of(TimelineId.FIRST), TransferProgress.SILENT);
    }

    /** A drill in the test's own folder. */
    DrillReport drilled(String moment, long seed, Optional<String> query)
            throws InterruptedException {
        return drilled(moment, seed, query, Optional.empty());
    }

    DrillReport drilled(
            String moment, long seed, Optional<String> query, Optional<TimelineId> timeline)
            throws InterruptedException {
        return drilled(
                cluster.store(),
                new DrillRequest(
                        DrillMoment.parse(moment, seed), moment, timeline, Optional.empty()),
                query);
    }

    DrillReport drilled(ObjectStore store, DrillRequest request, Optional<String> query)
            throws InterruptedException {
        DrillRun.Result result =
                new DrillRun(store, cluster.layout(), Optional.empty(), drillOptions(query))
                        .run(request, "here", SilentDrill.SILENT);
        assertThat(result).isInstanceOf(DrillRun.Result.Held.class);
        return ((DrillRun.Result.Held) result).report();
    }

    /** That a drill along the first timeline fails, and says which object is to blame. */
    void assertDrillBlames(String key) throws InterruptedException {
        assertThat(drilled("latest", 0, Optional.empty(), Optional.of(TimelineId.FIRST)).failure())
                .hasValueSatisfying(failure -> {
                    assertThat(failure.isOfTheArchive()).isTrue();
                    assertThat(failure.reason()).contains(key).doesNotContain("\n");
                });
    }

    DrillOptions drillOptions(Optional<String> query) {
        return new DrillOptions(
                cluster.folder(),
                2,
                true,
                false,
                new DrillOptions.Server(
                        _ ->
                                new ServerPrograms(
                                        TestCluster.PROGRAMS,
                                        TestCluster.owner(),
                                        1,
                                        TestCluster.USER,
                                        Duration.ofMinutes(1)),
                        Map.of()),
                query.map(sql -> new DrillOptions.Query("postgres", sql)),
                Duration.ofMinutes(2));
    }

    /** By PostgreSQL's own program: every file of its manifest, and none more. */
    static void verify(Path directory) throws IOException, InterruptedException {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
    }
}
