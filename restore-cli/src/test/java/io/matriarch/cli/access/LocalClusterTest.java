package io.matriarch.cli.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.CommandFailure;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.situation.MemberName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalClusterTest {

    private static final ConfigurationReader NO_FILE =
            file -> {
                throw new IllegalStateException("read: " + file);
            };

    private static final ArchiveAlarm SOON = new ArchiveAlarm(Duration.ofSeconds(1), 10, 1 << 20);

    @TempDir private Path directory;

    @Test
    void cluster_json_tells_how_to_reach_everything() throws IOException {
        write(
                """
                {"cluster":"local","zookeeper":"127.0.0.1:2181",
                 "repository":"s3://bucket/archive?endpoint=http://127.0.0.1:9000&path-style=true",
                 "env":{"AWS_ACCESS_KEY_ID":"key","AWS_SECRET_ACCESS_KEY":"hidden"},
                 "nodes":[{"name":"node1","supervisorPid":1},{"name":"node2"}],"new":"field"}
                """);

        ClusterAccess access = LocalCluster.read(directory, NO_FILE);

        assertThat(access.zookeeper().connect()).isEqualTo("127.0.0.1:2181");
        assertThat(access.zookeeper().namespace()).isEqualTo("matriarch");
        assertThat(access.members())
                .containsExactly(new MemberName("node1"), new MemberName("node2"));
        assertThat(access.kept()).isEqualTo(RetentionPolicy.DEFAULT);
        assertThat(access.alarm()).isEqualTo(ArchiveAlarm.DEFAULT);
        assertThat(access.repository().credentials())
                .hasValueSatisfying(keys -> {
                    assertThat(keys.accessKeyId()).isEqualTo("key");
                    assertThat(keys.secretAccessKey().reveal()).isEqualTo("hidden");
                });
        assertThat(access.toString()).doesNotContain("hidden");
    }

    @Test
    void what_is_kept_and_what_alarms_is_what_the_members_are_configured_with() throws IOException {
        write(
                """
                {"cluster":"local","zookeeper":"127.0.0.1:2181","repository":"/archive",
                 "env":{},"nodes":[{"name":"node1"}]}
                """);
        Path file = Files.createDirectory(directory.resolve("node1")).resolve("sidecar.yaml");
        Files.writeString(file, "");
        RetentionPolicy kept = RetentionPolicy.keep(2).withWindow(Duration.ofDays(1));

        ClusterAccess plain = LocalCluster.read(directory, asked -> configured(asked, kept));

        assertThat(plain.kept()).isEqualTo(kept);
        assertThat(plain.alarm()).isEqualTo(SOON);
        assertThat(plain.repository().credentials()).isEmpty();
    }

    private static ClusterAccess configured(Path file, RetentionPolicy kept) {
        return new ClusterAccess(
                new ClusterName("local"),
                new ZooKeeperSettings(
                        "127.0.0.1:2181",
                        ZooKeeperSettings.DEFAULT_NAMESPACE,
                        "local",
                        ZooKeeperSettings.DEFAULT_SESSION,
                        ZooKeeperSettings.DEFAULT_TICK),
                StoreSettings.of(StoreLocation.parse("/archive")),
                Keyring.NONE,
                List.of(),
                kept,
                SOON,
                file);
    }

    @Test
    void a_directory_without_a_cluster_is_refused() {
        assertThatThrownBy(() -> LocalCluster.read(directory, NO_FILE))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("holds no cluster.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{\"cluster\":\"local\"}", ""})
    void a_damaged_file_is_refused(String text) throws IOException {
        write(text);

        assertThatThrownBy(() -> LocalCluster.read(directory, NO_FILE))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("is damaged at");
    }

    private void write(String text) throws IOException {
        Files.writeString(directory.resolve(LocalCluster.FILE), text);
    }
}
