package io.matriarch.elector.enactment;

import io.matriarch.elector.control.Job;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.PostgresServer;
import io.matriarch.postgres.sql.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a data directory follow the primary again: by a rewind, or by building it anew.
 *
 * <p>What is true after a kill: before the first change the directory is marked as incomplete, and
 * only the last line takes the mark away; a marked directory never starts and is built anew. A
 * replaced directory is kept aside until its replacement streams.
 */
final class Rejoin {

    private static final Logger log = LoggerFactory.getLogger(Rejoin.class);
    private static final Duration CHECKPOINT_PATIENCE = Duration.ofMinutes(5);
    private static final Duration REWIND_PATIENCE = Duration.ofMinutes(30);
    private static final Duration CLONE_PATIENCE = Duration.ofHours(12);

    private final PostgresSettings settings;
    private final MemberDirectory member;
    private final Configuration configuration;
    private final Supervisor supervisor;
    private final BaseRestore archive;

    Rejoin(
            PostgresSettings settings,
            MemberDirectory member,
            Configuration configuration,
            Supervisor supervisor,
            BaseRestore archive) {
        this.settings = settings;
        this.member = member;
        this.configuration = configuration;
        this.supervisor = supervisor;
        this.archive = archive;
    }

    void rewind(Endpoint primary, ClusterState state)
            throws InterruptedException, TimeoutException {
        if (hasTimelineOfItsOwn(state)) {
            member.noteRepair(Repair.REPLACE);
            log.atWarn()
                    .addKeyValue("timeline", state.lineage().timeline())
                    .log("two histories of one timeline, the data directory will be built anew");
            return;
        }
        awaitTimelineOnDisk(primary, state);
        PostgresVersion version = version();
        configuration.write(Configuration.Role.following(primary), version);
        member.noteRepair(Repair.REPLACE);
        Job job =
                new Job(
                        "pg-rewind-" + state.epoch(),
                        List.of(
                                "pg_rewind",
                                "--target-pgdata=" + settings.dataDirectory(),
                                "--source-server=" + configuration.superuserConninfo(primary),
                                "--restore-target-wal"));
        Job.Outcome outcome = supervisor.run(job, REWIND_PATIENCE);
        if (!outcome.isSuccess()) {
            log.atWarn()
                    .addKeyValue("exitStatus", outcome.exitStatus())
                    .addKeyValue("output", outcome.output())
                    .log("rewind failed, the data directory will be built anew");
            return;
        }
        configuration.write(Configuration.Role.following(primary), version);
        member.noteStandby();
        log.atInfo().addKeyValue("primary", primary).log("rewound");
    }

    /**
     * A primary that fell before it was ready may have begun a timeline of the same number as its
     * successor's. A rewind, which compares numbers, would see nothing to do.
     */
    private boolean hasTimelineOfItsOwn(ClusterState state) {
        return member.reign().isPresent()
                && state.lineage().timeline().compareTo(TimelineId.FIRST) > 0
                && new DataDirectory(settings.dataDirectory())
                        .history(state.lineage().timeline())
                        .isPresent();
    }

    /**
     * A rewind reads the source's timeline from its control file, which only a checkpoint brings
     * up.
     */
    private void awaitTimelineOnDisk(Endpoint primary, ClusterState state) {
        ServerAddress address =
                ServerAddress.tcp(primary.host(), primary.port(), settings.superuser());
        try (PostgresServer source = new PostgresServer(address, CHECKPOINT_PATIENCE)) {
            String onDisk =
                    source.queryText("SELECT timeline_id FROM pg_control_checkpoint()").orElse("");
            if (!onDisk.equals(state.lineage().timeline().toString())) {
                source.execute("CHECKPOINT");
            }
        }
    }

    void build(Endpoint primary, ClusterState state) throws InterruptedException, TimeoutException {
        SystemIdentifier cluster = state.systemIdentifier();
        if (cluster == null) {
            return;
        }
        member.noteRepair(Repair.REPLACE);
        if (!new DataDirectory(settings.dataDirectory()).isEmpty()) {
            member.setAside(settings.dataDirectory());
        }
        if (!archive.restoreNewest(cluster, settings.dataDirectory())) {
            copyFrom(primary, state);
        }
        configuration.write(Configuration.Role.following(primary), version());
        member.noteStandby();
        log.atInfo().addKeyValue("primary", primary).log("data directory built");
    }

    private void copyFrom(Endpoint primary, ClusterState state)
            throws InterruptedException, TimeoutException {
        Job job =
                new Job(
                        "pg-basebackup-" + state.epoch(),
                        List.of(
                                "pg_basebackup",
                                "--pgdata=" + settings.dataDirectory(),
                                "--dbname=" + configuration.superuserConninfo(primary),
                                "--wal-method=stream",
                                "--checkpoint=fast"));
        Job.Outcome outcome = supervisor.run(job, CLONE_PATIENCE);
        if (!outcome.isSuccess()) {
            throw new IllegalStateException(
                    "pg_basebackup ended with " + outcome.exitStatus() + ": " + outcome.output());
        }
    }

    private PostgresVersion version() {
        return PostgresVersion.ofMajor(
                new DataDirectory(settings.dataDirectory()).majorVersion().orElseThrow());
    }
}
