package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.FreePort;
import io.matriarch.outside.Repository;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The store is away, WAL piles up, and then the primary's host dies with all of it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnarchivedWalIT {

    private static final String CONTENT = "SELECT string_agg(note, ' ' ORDER BY id) FROM ledger";

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "3", "--store", "directory", "--no-restart");

    private final RunningCluster cluster = CLUSTER.running();
    private final Restoring restoring = new Restoring(cluster);

    @Test
    void the_successor_archives_what_died_with_the_primary_and_restores_lead_across_the_switch()
            throws Exception {
        Path store = cluster.root().resolve("archive");
        Path away = cluster.root().resolve("archive.away");
        cluster.application()
                .execute("CREATE TABLE ledger (id serial PRIMARY KEY, note text NOT NULL)");
        // Before that, nobody but the primary is known to have every commit.
        await("standbys confirm commits")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> !confirming().equals("0"));
        String archived = write("archived");
        await("segment " + archived + " is archived")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> holds(archived));
        ClusterFile.Node old = cluster.primary();

        Files.move(store, away);
        List<String> unarchived = new ArrayList<>();
        unarchived.add(write("unarchived"));
        String beforeTheSwitch = moment();
        unarchived.add(write("later"));
        unarchived.add(write("last"));
        assertThat(lastArchived()).isLessThan(unarchived.getFirst());
        killHost(old);
        await("another member is primary")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.primaryIfReachable()
                                .filter(now -> !now.name().equals(old.name()))
                                .isPresent());
        write("successor");
        String afterTheSwitch = moment();
        String newest = write("newest");
        Files.move(away, store);

        await("segment " + newest + " is archived")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> holds(newest));
        await("the archive is continuous")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> isSaidToBeContinuous(cluster.primary()));
        for (String segment : unarchived) {
            assertThat(holds(segment)).as(segment).isTrue();
        }
        assertThat(restored("before", beforeTheSwitch)).isEqualTo("archived unarchived");
        assertThat(restored("after", afterTheSwitch))
                .isEqualTo("archived unarchived later last successor");
    }

    /** Commits a row, and ends the segment that it lies in. */
    private String write(String note) throws SQLException {
        cluster.application().execute("INSERT INTO ledger (note) VALUES ('" + note + "')");
        return cluster.superuser().text("SELECT pg_walfile_name(pg_switch_wal())");
    }

    /** A time between two commits. */
    private String moment() throws SQLException {
        return cluster.application()
                .text(
                        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                                + " 'YYYY-MM-DD HH24:MI:SS.US') || 'Z'");
    }

    private String confirming() throws SQLException {
        return cluster.superuser()
                .text(
                        "SELECT count(*) FROM pg_stat_replication"
                                + " WHERE sync_state IN ('sync', 'quorum')");
    }

    private String lastArchived() throws SQLException {
        return cluster.superuser()
                .text("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver");
    }

    private boolean holds(String segment) {
        try (Repository repository = Repository.of(cluster.file())) {
            return repository.holdsSegment(segment + ".zst");
        }
    }

    /** Everything of a member at once, and nobody starts it again. */
    private void killHost(ClusterFile.Node node) {
        Optional<ProcessHandle> postmaster = cluster.postmaster(node);
        List<ProcessHandle> servers =
                postmaster.map(it -> it.descendants().toList()).orElse(List.of());
        RunningCluster.kill(Optional.ofNullable(node.sidecarPid()).orElseThrow());
        RunningCluster.kill(Optional.ofNullable(node.supervisorPid()).orElseThrow());
        postmaster.ifPresent(ProcessHandle::destroyForcibly);
        servers.forEach(ProcessHandle::destroyForcibly);
    }

    private boolean isSaidToBeContinuous(ClusterFile.Node primary) throws IOException {
        return cluster.log(primary).contains("archive is continuous");
    }

    private String restored(String name, String time) throws Exception {
        Path target = CLUSTER.beside(name);
        int port = FreePort.draw();
        try {
            restoring.server(target, time, port).orFail();
            Database restored = cluster.application().at("127.0.0.1:" + port);
            return restored.text(CONTENT);
        } finally {
            restoring.stop(target);
        }
    }
}
