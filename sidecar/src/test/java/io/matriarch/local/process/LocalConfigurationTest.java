package io.matriarch.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.local.plan.JsonText;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import io.matriarch.local.plan.LocalShape.Store;
import io.matriarch.local.plan.LocalShape.Sync;
import io.matriarch.local.plan.Ports;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalConfigurationTest {

    private static LocalConfiguration of(Store store) {
        return of(new LocalShape(2, Sync.ON, store, false, true, "app", "shop", null, List.of()));
    }

    private static LocalConfiguration of(LocalShape shape) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        Ports.namesFor(shape).forEach(name -> ports.put(name, 7001 + ports.size()));
        return new LocalConfiguration(
                new LocalDirectory(Path.of("/d")),
                new LocalPlan(
                        "id",
                        shape,
                        new LocalPlan.Host("/java", "/pg/bin", "postgres"),
                        ports,
                        new LocalPlan.Secrets(
                                "pw-super", "pw-repl", "pw-app", "s3-key", "s3-hidden")));
    }

    @Test
    void the_cluster_file_has_the_promised_form() throws JsonProcessingException {
        ClusterFile file =
                ClusterFile.of(
                        of(Store.S3),
                        Map.of("ambassador", 1L, "node1/supervisor", 2L, "node2/sidecar", 3L));

        ObjectMapper mapper = new ObjectMapper();
        assertThat(mapper.readTree(JsonText.of(file)))
                .isEqualTo(
                        mapper.readTree(
                                """
                                {"cluster": "local", "zookeeper": "127.0.0.1:7001",
                                 "repository":
                                  "s3://matriarch/archive?endpoint=http://127.0.0.1:7002&path-style=true&region=us-east-1",
                                 "env": {"AWS_ACCESS_KEY_ID": "s3-key", "AWS_SECRET_ACCESS_KEY": "s3-hidden"},
                                 "ambassador": {"readWrite": "127.0.0.1:7003", "readOnly": "127.0.0.1:7004",
                                                "api": "http://127.0.0.1:7005", "pid": 1},
                                 "nodes": [
                                  {"name": "node1", "postgres": "127.0.0.1:7006", "api": "http://127.0.0.1:7007",
                                   "dataDir": "/d/node1/data", "controlDir": "/d/node1/control",
                                   "supervisorPid": 2, "sidecarPid": null},
                                  {"name": "node2", "postgres": "127.0.0.1:7008", "api": "http://127.0.0.1:7009",
                                   "dataDir": "/d/node2/data", "controlDir": "/d/node2/control",
                                   "supervisorPid": null, "sidecarPid": 3}],
                                 "user": "app", "password": "pw-app", "database": "shop"}
                                """));
    }

    @Test
    void failsafe_is_off_unless_it_is_asked_for() {
        assertThat(of(Store.S3).sidecar("node1")).contains("\nfailsafe: false\n");
    }

    @Test
    void a_directory_store_needs_no_credentials() {
        LocalConfiguration configuration = of(Store.DIRECTORY);

        assertThat(configuration.repository()).isEqualTo("file:///d/archive");
        assertThat(configuration.repositoryEnvironment()).isEmpty();
    }

    @Test
    void a_sidecar_is_told_all_it_needs_and_no_secret() {
        String text = of(Store.S3).sidecar("node2");

        assertThat(text)
                .contains(
                        "member: {name: node2, priority: 0}",
                        "zookeeper: {connect: \"127.0.0.1:7001\", session-timeout: 5s",
                        "data-directory: \"/d/node2/data\"",
                        "listen: \"127.0.0.1:7008\"",
                        "application: {user: app, database: shop, password-file: \"/d/secrets/application\"}",
                        "synchronous: {mode: \"on\", quorum: 1}",
                        "api: {listen: \"127.0.0.1:7009\"}")
                .doesNotContain("pw-super", "pw-repl", "pw-app", "s3-key", "s3-hidden");
    }

    @Test
    void an_ensemble_that_is_there_is_told_to_all_and_no_other_is_started() {
        String servers = "10.0.0.1:2181,10.0.0.2:2181";

        LocalConfiguration configuration =
                of(
                        new LocalShape(
                                2,
                                Sync.ON,
                                Store.DIRECTORY,
                                false,
                                true,
                                "app",
                                "shop",
                                servers,
                                List.of()));

        assertThat(configuration.sidecar("node1")).contains("connect: \"" + servers + "\"");
        assertThat(configuration.ambassador()).contains("connect: \"" + servers + "\"");
        assertThat(ClusterFile.of(configuration, Map.of()).zookeeper()).isEqualTo(servers);
        assertThat(Part.all(configuration)).extracting(Part::name).doesNotContain(Part.ZOOKEEPER);
    }

    @Test
    void the_plan_survives_being_written() throws JsonProcessingException {
        LocalPlan plan = of(Store.S3).plan();

        assertThat(new ObjectMapper().readValue(JsonText.of(plan), LocalPlan.class))
                .isEqualTo(plan);
    }

    @Test
    void secrets_do_not_show_in_a_log() {
        assertThat(of(Store.S3).plan())
                .asString()
                .doesNotContain("pw-super", "pw-repl", "pw-app", "s3-key", "s3-hidden");
    }
}
