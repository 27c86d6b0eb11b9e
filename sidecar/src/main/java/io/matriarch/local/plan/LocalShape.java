package io.matriarch.local.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a person chose for a local cluster.
 *
 * @param failsafe whether the primary goes on without ZooKeeper while the others vouch for it
 * @param keeping whether supervisors, sidecars and the ambassador are started again when they die
 * @param zooKeeper the servers of an ensemble that is there already; absent for one of its own
 * @param priorities of the members in elections, one each; empty if none is preferred
 */
public record LocalShape(
        int nodes,
        Sync sync,
        Store store,
        boolean failsafe,
        boolean keeping,
        String user,
        String database,
        @Nullable String zooKeeper,
        List<Integer> priorities) {

    private static final int MOST_NODES = 5;
    private static final String NAME = "[a-z_][a-z0-9_]{0,62}";
    private static final String SERVERS = "[\\w.-]+:\\d{1,5}(,[\\w.-]+:\\d{1,5})*";

    public LocalShape {
        if (nodes < 1 || nodes > MOST_NODES) {
            throw new IllegalArgumentException(
                    "nodes: " + nodes + " (expected: 1 to " + MOST_NODES + ")");
        }
        if (sync == Sync.STRICT && nodes == 1) {
            throw new IllegalArgumentException(
                    "sync: strict with 1 node (expected: at least 2 nodes, or no commit would ever"
                            + " be acknowledged)");
        }
        requireName("user", user);
        requireName("database", database);
        if (zooKeeper != null && !zooKeeper.matches(SERVERS)) {
            throw new IllegalArgumentException(
                    "zookeeper: " + zooKeeper + " (expected: HOST:PORT, or several with commas)");
        }
        // Absent in what an earlier version wrote.
        priorities = priorities == null ? List.of() : List.copyOf(priorities);
        if (!priorities.isEmpty() && priorities.size() != nodes) {
            throw new IllegalArgumentException(
                    "priorities: " + priorities + " (expected: " + nodes + ", one for each node)");
        }
    }

    private static void requireName(String what, String name) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException(
                    what + ": " + name + " (expected: lower-case letters, digits and _)");
        }
    }

    public List<String> memberNames() {
        return IntStream.rangeClosed(1, nodes).mapToObj(number -> "node" + number).toList();
    }

    /** The priority of a member in elections. */
    int priorityOf(String member) {
        return priorities.isEmpty() ? 0 : priorities.get(memberNames().indexOf(member));
    }

    /** Whether a commit waits for a standby. */
    public enum Sync {
        OFF,
        ON,
        STRICT;

        @JsonCreator
        static Sync parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where backups and WAL go. */
    public enum Store {
        S3,
        DIRECTORY;

        @JsonCreator
        static Store parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
