package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a restore is killed over does not stay outside of its target. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledLeftoversIT {

    private TestCluster cluster;
    private Restores restores;

    @BeforeAll
    void a_cluster_with_a_backup_and_wal() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        restores.backup("good");
        for (int i = 0; i < 3; i++) {
            cluster.sql("SELECT pg_logical_emit_message(false, 'test', 'quiet')");
            restores.archiveAll();
        }
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_look_into_the_archived_log_leaves_nothing() throws Exception {
        Path temporary = Files.createDirectory(cluster.fresh("looking"));
        Path log = cluster.fresh("looking.log");

        int status =
                DyingRestore.run(
                        temporary,
                        log,
                        "look",
                        cluster.fresh("looked").toString(),
                        "file://" + cluster.folder().resolve("store"),
                        cluster.layout().systemIdentifier().toString());

        assertThat(status).as(Files.readString(log)).isEqualTo(DyingRestore.KILLED);
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void a_start_of_the_restored_server_leaves_nothing() throws Exception {
        Path directory = cluster.fresh("started");
        restores.restore(
                restores.plan(RestoreRequest.of(new RestoreTarget.Latest())),
                Restores.into(directory));
        Path temporary = Files.createDirectory(cluster.fresh("starting"));
        Path log = cluster.fresh("starting.log");

        int status =
                DyingRestore.run(
                        temporary, log, "start", directory.toString(), killer().toString());

        assertThat(status).as(Files.readString(log)).isEqualTo(DyingRestore.KILLED);
        assertThat(temporary).isEmptyDirectory();
    }

    /** PostgreSQL's program, which takes its time, and somebody who kills the one that called. */
    private Path killer() throws Exception {
        Path programs = Files.createDirectory(cluster.fresh("programs"));
        Path program = programs.resolve("pg_ctl");
        Files.writeString(program, "#!/bin/sh\necho about to die\nkill -9 $PPID\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return programs;
    }
}
