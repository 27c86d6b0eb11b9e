package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A drill that a sidecar holds when it is due. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ScheduledDrillIT {

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "1", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();

    private String metrics() throws IOException {
        ClusterFile.Node node = cluster.file().nodes().getFirst();
        try (InputStream answer = URI.create(node.api() + "/metrics").toURL().openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void a_sidecar_holds_one_when_it_is_due() throws Exception {
        cluster.command("backup").orFail();
        ClusterFile.Node node = cluster.file().nodes().getFirst();
        Instant due = Instant.now().plus(Duration.ofSeconds(75));
        // A sidecar runs as the server's user.
        Path place = Files.createDirectory(CLUSTER.beside("p"));
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(
                cluster.root().resolve(node.name()).resolve("sidecar.yaml"),
                "drill: {schedule: daily at %s, scratch-directory: \"%s\"}\n"
                        .formatted(
                                DateTimeFormatter.ofPattern("HH:mm")
                                        .withZone(ZoneOffset.UTC)
                                        .format(due),
                                place),
                StandardOpenOption.APPEND);
        Instant begun = Instant.now();
        CLUSTER.startSidecarAnew(node);
        CLUSTER.awaitWhole();

        await("the drill is held")
                .atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    String ended =
                            cluster.command("status", "--json")
                                    .json()
                                    .path("archive")
                                    .path("drilled")
                                    .path("ended")
                                    .asText();
                    return !ended.isEmpty() && Instant.parse(ended).isAfter(begun);
                });

        await("the log tells")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.log(node).contains("drill has proven the archive"));
        await("it is told to monitoring")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> metrics().contains("matriarch_drill_success 1"));
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).noneMatch(Files::isDirectory);
        }
    }
}
