package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.Ended;
import io.matriarch.outside.FreePort;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Programs;
import io.matriarch.outside.Repository;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host that has this program, PostgreSQL, the bucket's URL and its keys, and nothing else. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EmptyHostIT {

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "1", "--store", "s3");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void the_bucket_and_its_keys_are_enough() throws Exception {
        cluster.application().execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
        cluster.command("backup").orFail();
        cluster.application().execute("INSERT INTO kept VALUES (4711)");
        archiveAll();
        ClusterFile file = cluster.file();
        assertThat(file.repository()).startsWith("s3://");
        Path home = Files.createDirectory(CLUSTER.beside("home"));
        Path target = CLUSTER.beside("restored");
        int port = FreePort.draw();

        List<String> options =
                new ArrayList<>(
                        List.of(
                                "restore",
                                "--repository",
                                file.repository(),
                                "--latest",
                                "--target-dir",
                                target.toString(),
                                "--start",
                                "--port",
                                Integer.toString(port),
                                "--json"));
        String owner = cluster.owner().user();
        if (owner != null) {
            options.addAll(List.of("--owner", owner));
        }
        try {
            Ended window =
                    bare(
                            home,
                            file.env(),
                            List.of("restore", "window", "--repository", file.repository()));
            assertThat(window.orFail().output()).contains("* timeline 1").contains("reachable");

            bare(home, file.env(), options).orFail();

            Database restored = cluster.application().at("127.0.0.1:" + port);
            assertThat(restored.text("SELECT count(*) || ' ' || max(n) FROM kept"))
                    .isEqualTo("1001 4711");
            try (Stream<Path> left = Files.list(home)) {
                assertThat(left).isEmpty();
            }
        } finally {
            new Restoring(cluster).stop(target);
        }
    }

    /** With nothing of our own environment but where programs are. */
    private static Ended bare(Path home, Map<String, String> keys, List<String> arguments)
            throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "--ignore-environment"));
        command.add("PATH=" + System.getenv("PATH"));
        command.add("JAVA_HOME=" + System.getProperty("java.home"));
        command.add("HOME=" + home);
        command.add("LC_ALL=C");
        keys.forEach((name, value) -> command.add(name + "=" + value));
        command.add(Launcher.here().home().resolve("bin/matriarch").toString());
        command.addAll(arguments);
        return Programs.run(Launcher.PATIENCE, Map.of(), command);
    }

    private void archiveAll() throws SQLException {
        String segment = cluster.superuser().text("SELECT pg_walfile_name(pg_switch_wal())");
        try (Repository repository = Repository.of(cluster.file())) {
            await("segment " + segment + " is archived")
                    .atMost(LocalCluster.PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> repository.holdsSegment(segment));
        }
    }
}
