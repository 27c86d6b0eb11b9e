package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cluster.json}, and the death of every process in it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EveryProcessIT {

    private static final String ADDRESS = "127\\.0\\.0\\.1:\\d+";

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "3");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void the_cluster_file_has_exactly_the_promised_fields() throws IOException {
        JsonNode file = json();

        assertThat(names(file))
                .containsExactly(
                        "cluster",
                        "zookeeper",
                        "repository",
                        "env",
                        "ambassador",
                        "nodes",
                        "user",
                        "password",
                        "database");
        assertThat(names(file.get("env")))
                .containsExactly("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
        assertThat(names(file.get("ambassador")))
                .containsExactly("readWrite", "readOnly", "api", "pid");
        assertThat(file.get("nodes"))
                .hasSize(3)
                .allSatisfy(node ->
                        assertThat(names(node))
                                .containsExactly(
                                        "name",
                                        "postgres",
                                        "api",
                                        "dataDir",
                                        "controlDir",
                                        "supervisorPid",
                                        "sidecarPid"));
    }

    @Test
    void the_cluster_file_s_values_lead_to_what_they_name() throws IOException {
        ClusterFile file = cluster.file();

        assertThat(file.cluster()).isEqualTo("local");
        assertThat(file.zookeeper()).matches(ADDRESS);
        assertThat(file.repository()).startsWith("s3://");
        assertThat(file.ambassador().readWrite()).matches(ADDRESS);
        assertThat(file.ambassador().readOnly()).matches(ADDRESS);
        assertThat(file.ambassador().api()).matches("http://" + ADDRESS);
        assertThat(file.nodes())
                .extracting(ClusterFile.Node::name)
                .containsExactly("node1", "node2", "node3");
        assertThat(file.nodes())
                .allSatisfy(node -> {
                    assertThat(node.postgres()).matches(ADDRESS);
                    assertThat(node.api()).matches("http://" + ADDRESS);
                    assertThat(Path.of(node.dataDir(), "PG_VERSION")).exists();
                    assertThat(Path.of(node.controlDir())).isDirectory();
                });
        assertThat(pids(file)).hasSize(7).allMatch(pid -> ProcessHandle.of(pid).isPresent());
        Path path = cluster.root().resolve("cluster.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ambassador",
                "node1/supervisor",
                "node1/sidecar",
                "node2/supervisor",
                "node2/sidecar",
                "node3/supervisor",
                "node3/sidecar"
            })
    void a_process_that_is_killed_is_missed_by_nobody_for_long(String part)
            throws SQLException, InterruptedException {
        long before = pid(part).orElseThrow();
        String table = part.replace('/', '_');
        try (RecordingWriter writer = RecordingWriter.start(cluster.target(table))) {
            RunningCluster.kill(before);

            await("another process of " + part)
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> pid(part).filter(pid -> isAlive(pid, before)).isPresent());
            CLUSTER.awaitWhole();
            int written = writer.count();
            await("writes go through")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> writer.count() > written);
            assertThat(writer.verdict().lost()).isEmpty();
        }
    }

    private static boolean isAlive(long pid, long before) {
        return pid != before && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private Optional<Long> pid(String part) {
        ClusterFile file = cluster.file();
        if (part.equals("ambassador")) {
            return Optional.ofNullable(file.ambassador().pid());
        }
        String[] words = part.split("/", 2);
        ClusterFile.Node node = cluster.node(words[0]);
        return Optional.ofNullable(
                words[1].equals("sidecar") ? node.sidecarPid() : node.supervisorPid());
    }

    private static List<Long> pids(ClusterFile file) {
        List<Long> pids = new ArrayList<>();
        Optional.ofNullable(file.ambassador().pid()).ifPresent(pids::add);
        for (ClusterFile.Node node : file.nodes()) {
            Optional.ofNullable(node.supervisorPid()).ifPresent(pids::add);
            Optional.ofNullable(node.sidecarPid()).ifPresent(pids::add);
        }
        return pids;
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper()
                .readTree(Files.readString(cluster.root().resolve("cluster.json")));
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
