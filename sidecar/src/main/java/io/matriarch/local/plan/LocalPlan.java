package io.matriarch.local.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is fixed about a local cluster before its first process starts. It is kept in {@code
 * local.json}, so that every later command knows the same.
 *
 * @param id marks the processes of this cluster among all others of the machine
 */
public record LocalPlan(
        String id, LocalShape shape, Host host, Map<String, Integer> ports, Secrets secrets) {

    public LocalPlan {
        ports = Collections.unmodifiableMap(new LinkedHashMap<>(ports));
    }

    public int port(String name) {
        Integer port = ports.get(name);
        if (port == null) {
            throw new IllegalStateException("port: " + name + " (expected: one of " + ports + ")");
        }
        return port;
    }

    public String address(String port) {
        return "127.0.0.1:" + port(port);
    }

    /** Where clients of ZooKeeper connect: one server of the cluster's own, or others. */
    public String zooKeeper() {
        String given = shape.zooKeeper();
        return given == null ? address("zookeeper") : given;
    }

    /** The plan of a directory, or nothing if no local cluster was ever made there. */
    public static @Nullable LocalPlan readFrom(LocalDirectory directory) {
        if (!Files.exists(directory.plan())) {
            return null;
        }
        try {
            return JsonText.read(directory.plan(), LocalPlan.class);
        } catch (JsonProcessingException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED,
                    "plan: " + directory.plan() + " is not readable as a local cluster's",
                    "give another directory",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The plan of a directory that must be a local cluster's. */
    public static LocalPlan require(LocalDirectory directory) {
        LocalPlan plan = readFrom(directory);
        if (plan == null) {
            throw CommandFailure.refused(
                    "directory: " + directory.root() + " (expected: one made by 'local up')",
                    "run 'matriarch local up --dir " + directory.root() + "' first");
        }
        return plan;
    }

    /**
     * What was found on the machine.
     *
     * @param runAs whom the processes belong to when they may not belong to root; else absent
     */
    public record Host(String javaHome, String postgresPrograms, @Nullable String runAs) {}

    /** Made at random, written nowhere but below the directory. */
    public record Secrets(
            String superuser,
            String replication,
            String application,
            String accessKey,
            String secretKey) {

        @Override
        public String toString() {
            return "Secrets[…]";
        }
    }
}
