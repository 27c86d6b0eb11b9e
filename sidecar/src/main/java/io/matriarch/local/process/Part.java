package io.matriarch.local.process;

import io.matriarch.local.plan.Installation;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One process of a local cluster.
 *
 * @param address where it listens, for people; empty if it does not
 * @param kept whether it is started again when it dies
 */
public record Part(
        String name,
        List<String> command,
        Map<String, String> environment,
        String address,
        boolean kept) {

    public static final String KEEPER = "keeper";
    public static final String ZOOKEEPER = "zookeeper";
    public static final String S3 = "s3";
    public static final String AMBASSADOR = "ambassador";

    /** Long enough for a shutdown checkpoint, short enough for a person who waits. */
    private static final String STOP_SECONDS = "10";

    public Part {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    public static String supervisorOf(String member) {
        return member + "/supervisor";
    }

    public static String sidecarOf(String member) {
        return member + "/sidecar";
    }

    /** The process that starts the others. */
    public static Part keeper(LocalDirectory directory) {
        List<String> arguments = List.of("local", "keep", "--dir", directory.root().toString());
        return matriarch(directory, KEEPER, arguments, "");
    }

    /** What the others stand on. */
    public static List<Part> foundation(LocalConfiguration configuration) {
        LocalPlan plan = configuration.plan();
        LocalDirectory directory = configuration.directory();
        List<Part> parts = new ArrayList<>();
        if (plan.shape().zooKeeper() == null) {
            parts.add(zooKeeper(directory, plan.address(ZOOKEEPER)));
        }
        if (plan.shape().store() == LocalShape.Store.S3) {
            parts.add(s3(configuration));
        }
        return List.copyOf(parts);
    }

    /** Postgres under its supervisors. */
    public static List<Part> supervisors(LocalConfiguration configuration) {
        return configuration.plan().shape().memberNames().stream()
                .map(member -> supervisor(configuration, member))
                .toList();
    }

    /** Sidecars, then the ambassador. */
    public static List<Part> sidecars(LocalConfiguration configuration) {
        LocalPlan plan = configuration.plan();
        LocalDirectory directory = configuration.directory();
        List<Part> parts = new ArrayList<>();
        for (String member : plan.shape().memberNames()) {
            Path file = directory.node(member).configuration();
            Part part =
                    matriarch(
                            directory,
                            sidecarOf(member),
                            List.of("sidecar", "--config", file.toString()),
                            "http://" + plan.address(member + ".api"));
            parts.add(
                    part.with(configuration.repositoryEnvironment())
                            .keptIf(plan.shape().keeping()));
        }
        Path file = directory.ambassadorConfiguration();
        parts.add(
                matriarch(
                                directory,
                                AMBASSADOR,
                                List.of(AMBASSADOR, "--config", file.toString()),
                                plan.address("ambassador.read-write"))
                        .keptIf(plan.shape().keeping()));
        return List.copyOf(parts);
    }

    public static List<Part> all(LocalConfiguration configuration) {
        List<Part> parts = new ArrayList<>(foundation(configuration));
        parts.addAll(supervisors(configuration));
        parts.addAll(sidecars(configuration));
        return List.copyOf(parts);
    }

    private static Part supervisor(LocalConfiguration configuration, String member) {
        LocalPlan plan = configuration.plan();
        LocalDirectory.Node node = configuration.directory().node(member);
        return new Part(
                supervisorOf(member),
                List.of("bash", Installation.supervisorIn(configuration.directory()).toString()),
                Map.of(
                        "MATRIARCH_CONTROL", node.control().toString(),
                        "PGDATA", node.data().toString(),
                        "MATRIARCH_PGBIN", plan.host().postgresPrograms(),
                        "MATRIARCH_STOP_SECONDS", STOP_SECONDS),
                plan.address(member + ".postgres"),
                plan.shape().keeping());
    }

    private static Part zooKeeper(LocalDirectory directory, String address) {
        String data = directory.zooKeeperData().toString();
        return matriarch(
                directory,
                ZOOKEEPER,
                List.of("local", "zookeeper", "--listen", address, "--data", data),
                address);
    }

    private static Part s3(LocalConfiguration configuration) {
        LocalPlan plan = configuration.plan();
        LocalDirectory directory = configuration.directory();
        return new Part(
                S3,
                List.of(
                        plan.host().javaHome() + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-XX:-UsePerfData",
                        "-Xmx256m",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + directory.scratch(),
                        "-jar",
                        Installation.s3ServerIn(directory).toString(),
                        "--properties",
                        directory.s3Configuration().toString()),
                Map.of(),
                plan.address(S3),
                false);
    }

    private static Part matriarch(
            LocalDirectory directory, String name, List<String> arguments, String address) {
        List<String> command = new ArrayList<>();
        command.add(Installation.launcherIn(directory).toString());
        command.addAll(arguments);
        return new Part(name, command, Map.of(), address, false);
    }

    private Part with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putAll(more);
        return new Part(name, command, all, address, kept);
    }

    private Part keptIf(boolean wanted) {
        return new Part(name, command, environment, address, wanted);
    }
}
