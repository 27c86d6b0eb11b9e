package io.matriarch.cli.access;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.situation.MemberName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@code cluster.json} of a local cluster says, as far as commands need it. */
record LocalCluster(
        @Nullable String cluster,
        @Nullable String zookeeper,
        @Nullable String repository,
        @Nullable Map<String, String> env,
        @Nullable List<Node> nodes) {

    static final String FILE = "cluster.json";
    private static final String MEMBER_CONFIGURATION = "sidecar.yaml";

    /** One member. */
    record Node(@Nullable String name) {}

    static ClusterAccess read(Path directory, ConfigurationReader reader) {
        Path file = directory.resolve(FILE);
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED,
                    Files.exists(file)
                            ? "file: " + file + " cannot be read (expected: a readable file)"
                            : "directory: "
                                    + directory
                                    + " holds no "
                                    + FILE
                                    + " (expected: a local cluster's directory)",
                    "make one with 'matriarch local up --dir "
                            + directory
                            + "', or name a real cluster's configuration with --config",
                    e);
        }
        return ClusterJson.read(content, LocalCluster.class)
                .orElseThrow(() -> damaged(file, "its text"))
                .access(directory, file, reader);
    }

    private ClusterAccess access(Path directory, Path file, ConfigurationReader reader) {
        String name = required(cluster, "cluster", file);
        List<String> members =
                nodes == null
                        ? List.of()
                        : nodes.stream().map(n -> required(n.name(), "nodes.name", file)).toList();
        Optional<ClusterAccess> configured = configured(directory, members, reader);
        return new ClusterAccess(
                new ClusterName(name),
                new ZooKeeperSettings(
                        required(zookeeper, "zookeeper", file),
                        ZooKeeperSettings.DEFAULT_NAMESPACE,
                        name,
                        ZooKeeperSettings.DEFAULT_SESSION,
                        ZooKeeperSettings.DEFAULT_TICK),
                store(required(repository, "repository", file)),
                configured.map(ClusterAccess::keyring).orElse(Keyring.NONE),
                members.stream().map(MemberName::new).toList(),
                configured.map(ClusterAccess::kept).orElse(RetentionPolicy.DEFAULT),
                configured.map(ClusterAccess::alarm).orElse(ArchiveAlarm.DEFAULT),
                file);
    }

    private StoreSettings store(String url) {
        StoreSettings settings = StoreSettings.of(StoreLocation.parse(url));
        String key = env == null ? null : env.get("AWS_ACCESS_KEY_ID");
        String secret = env == null ? null : env.get("AWS_SECRET_ACCESS_KEY");
        return key == null || secret == null
                ? settings
                : settings.withCredentials(StoreCredentials.of(key, secret));
    }

    /** Members of a local cluster are configured alike. */
    private static Optional<ClusterAccess> configured(
            Path directory, List<String> members, ConfigurationReader reader) {
        return members.stream()
                .map(member -> directory.resolve(member).resolve(MEMBER_CONFIGURATION))
                .filter(Files::isReadable)
                .findFirst()
                .map(reader::read);
    }

    private static String required(@Nullable String value, String field, Path file) {
        if (value == null) {
            throw damaged(file, field);
        }
        return value;
    }

    private static CommandFailure damaged(Path file, String what) {
        return CommandFailure.refused(
                "file: " + file + " is damaged at " + what + " (expected: as 'local up' wrote it)",
                "run 'matriarch local up' on the directory again");
    }
}
