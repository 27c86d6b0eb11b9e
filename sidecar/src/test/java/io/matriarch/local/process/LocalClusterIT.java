package io.matriarch.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.plan.Ground;
import io.matriarch.local.plan.Installation;
import io.matriarch.local.plan.JsonText;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import io.matriarch.local.plan.LocalShape.Store;
import io.matriarch.local.plan.LocalShape.Sync;
import io.matriarch.local.plan.Planning;
import io.matriarch.local.plan.Ports;
import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The keeper, its processes and their end, with the real ZooKeeper and S3 server. Sidecars,
 * ambassador and supervisors are processes that only live: what they do is tested where they are
 * made.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final Path BUILT = Path.of("target").toAbsolutePath();

    @TempDir private Path temporary;

    private final RunAs runAs = RunAs.current();
    private LocalDirectory directory;
    private LocalPlan plan;

    @SuppressWarnings("NullAway.Init") // JUnit and prepare() set the fields
    LocalClusterIT() {}

    @BeforeEach
    void prepare() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        directory = new LocalDirectory(temporary.resolve("cluster"));
        LocalShape shape =
                new LocalShape(2, Sync.ON, Store.S3, false, true, "app", "app", null, List.of());
        LocalPlan.Host host =
                new LocalPlan.Host(System.getProperty("java.home"), "/nowhere", runAs.user());
        plan = Planning.of(directory, shape, host, new Ports(21_400, 21_479));
        new Ground(directory, runAs).lay(plan, installation());
    }

    @AfterEach
    void end() throws InterruptedException {
        assertThat(new Ending(directory, plan).run().left()).isEmpty();
    }

    @Test
    void every_part_is_a_process_that_the_cluster_file_names() throws IOException {
        start();

        List<String> parts =
                OwnProcess.partsOf(directory, plan).stream()
                        .map(OwnProcess::part)
                        .sorted()
                        .toList();
        assertThat(parts)
                .containsExactly(
                        "ambassador",
                        "keeper",
                        "node1/sidecar",
                        "node1/supervisor",
                        "node2/sidecar",
                        "node2/supervisor",
                        "s3",
                        "zookeeper");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.clusterFile())))
                .isEqualTo("rw-------");
        assertThat(cluster().ambassador().pid()).isEqualTo(pidOf("ambassador"));
        assertThat(cluster().nodes())
                .allSatisfy(node -> {
                    assertThat(node.supervisorPid()).isEqualTo(pidOf(node.name() + "/supervisor"));
                    assertThat(node.sidecarPid()).isEqualTo(pidOf(node.name() + "/sidecar"));
                });
    }

    @Test
    void each_kept_process_that_is_killed_is_back_within_a_second() {
        start();

        for (String part : List.of("node1/supervisor", "node2/sidecar", "ambassador")) {
            long before = pidOf(part);
            kill(before);
            await().atMost(A_SECOND)
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(
                            () -> assertThat(pidInFile(part)).isPositive().isNotEqualTo(before));
            assertThat(pidInFile(part)).isEqualTo(pidOf(part));
        }
    }

    @Test
    void the_cluster_outlives_its_keeper_and_is_ended_all_the_same() throws InterruptedException {
        start();
        kill(pidOf("keeper"));
        await().atMost(PATIENCE).until(() -> pidOf("keeper") == 0);
        assertThat(OwnProcess.partsOf(directory, plan)).hasSize(7);

        Ending.Outcome outcome = new Ending(directory, plan).run();

        assertThat(outcome.ended()).isEqualTo(7);
        assertThat(outcome.left()).isEmpty();
    }

    @Test
    void an_ended_cluster_has_no_process_ids_and_can_be_ended_again() throws InterruptedException {
        start();
        new Ending(directory, plan).run();

        Ending.Outcome again = new Ending(directory, plan).run();

        assertThat(again.ended()).isZero();
        assertThat(cluster().ambassador().pid()).isNull();
        assertThat(cluster().nodes()).allMatch(node -> node.sidecarPid() == null);
    }

    @Test
    void an_ended_cluster_keeps_its_ports_and_secrets_when_it_is_started_again()
            throws InterruptedException {
        start();
        new Ending(directory, plan).run();

        LocalPlan again =
                Planning.of(directory, plan.shape(), plan.host(), new Ports(21_400, 21_479));

        assertThat(again.secrets()).isEqualTo(plan.secrets());
        assertThat(again.ports()).isEqualTo(plan.ports());
    }

    private void start() {
        try {
            runAs.own(Files.createFile(directory.log(Part.KEEPER)));
            new PartProcess(directory, plan).start(Part.keeper(directory), runAs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(PATIENCE).until(() -> pidInFile("ambassador") > 0);
    }

    /** The built program, with stand-ins for those whose work is not looked at here. */
    private Installation installation() throws IOException {
        Path home = temporary.resolve("home");
        Files.createDirectories(home.resolve("bin"));
        Path stand = Files.writeString(home.resolve("stand"), "exec tail -f /dev/null\n");
        Files.writeString(
                home.resolve("bin/matriarch"),
                """
                #!/bin/sh
                case "$1" in
                    local) exec "$MATRIARCH_JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
                        $MATRIARCH_JAVA_OPTS -jar "${0%/bin/*}/lib/matriarch.jar" "$@" ;;
                    *) exec tail -f /dev/null ;;
                esac
                """);
        Files.writeString(home.resolve("bin/jdk-home"), "");
        return new Installation(
                home, BUILT.resolve("matriarch.jar"), BUILT.resolve("s3proxy.jar"), stand);
    }

    private ClusterFile cluster() {
        try {
            return JsonText.read(directory.clusterFile(), ClusterFile.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 0 if it has none. */
    private long pidInFile(String part) {
        if (!Files.exists(directory.clusterFile())) {
            return 0;
        }
        ClusterFile file = cluster();
        Stream<@Nullable Long> pids =
                part.equals("ambassador")
                        ? Stream.of(file.ambassador().pid())
                        : file.nodes().stream()
                                .filter(node -> part.startsWith(node.name() + "/"))
                                .map(node ->
                                        part.endsWith("/sidecar")
                                                ? node.sidecarPid()
                                                : node.supervisorPid());
        return pids.flatMap(Stream::ofNullable).findFirst().orElse(0L);
    }

    private long pidOf(String part) {
        return OwnProcess.partsOf(directory, plan).stream()
                .filter(process -> process.part().equals(part))
                .mapToLong(OwnProcess::pid)
                .findFirst()
                .orElse(0);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
}
