package io.matriarch.local.process;

import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code cluster.json}: what scripts need to reach a local cluster and its processes. Its form is a
 * promise.
 */
public record ClusterFile(
        String cluster,
        String zookeeper,
        String repository,
        Map<String, String> env,
        Ambassador ambassador,
        List<Node> nodes,
        String user,
        String password,
        String database) {

    public ClusterFile {
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        nodes = List.copyOf(nodes);
    }

    /**
     * @param pids by name of the part. One that does not run has none and is written as {@code
     *     null}, not as 0: {@code kill 0} would hit the caller's whole process group
     */
    public static ClusterFile of(LocalConfiguration configuration, Map<String, Long> pids) {
        LocalPlan plan = configuration.plan();
        LocalShape shape = plan.shape();
        return new ClusterFile(
                LocalConfiguration.CLUSTER,
                plan.zooKeeper(),
                configuration.repository(),
                configuration.repositoryEnvironment(),
                new Ambassador(
                        plan.address("ambassador.read-write"),
                        plan.address("ambassador.read-only"),
                        "http://" + plan.address("ambassador.api"),
                        pids.get(Part.AMBASSADOR)),
                shape.memberNames().stream().map(name -> node(configuration, name, pids)).toList(),
                shape.user(),
                plan.secrets().application(),
                shape.database());
    }

    private static Node node(
            LocalConfiguration configuration, String name, Map<String, Long> pids) {
        LocalDirectory.Node home = configuration.directory().node(name);
        LocalPlan plan = configuration.plan();
        return new Node(
                name,
                plan.address(name + ".postgres"),
                "http://" + plan.address(name + ".api"),
                home.data().toString(),
                home.control().toString(),
                pids.get(Part.supervisorOf(name)),
                pids.get(Part.sidecarOf(name)));
    }

    /** Where clients connect. */
    public record Ambassador(String readWrite, String readOnly, String api, @Nullable Long pid) {}

    /** One member. */
    public record Node(
            String name,
            String postgres,
            String api,
            String dataDir,
            String controlDir,
            @Nullable Long supervisorPid,
            @Nullable Long sidecarPid) {}
}
