package io.matriarch.local.plan;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where everything of a local cluster lies, below one directory. */
public record LocalDirectory(Path root) {

    /** The longest path of a Unix socket that Linux takes, without its final zero. */
    private static final int SOCKET_PATH_LIMIT = 107;

    /** The path becomes part of archive_command and of the control directory's records. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{Alnum}/._+@=,-]+");

    public LocalDirectory {
        root = root.toAbsolutePath().normalize();
        if (!PLAIN.matcher(root.toString()).matches()) {
            throw new IllegalArgumentException(
                    "directory: "
                            + root
                            + " (expected: letters, digits and / . _ + @ = , - only, for it becomes"
                            + " part of archive_command)");
        }
        String socket = root + "/node5/socket/.s.PGSQL.65535";
        int length = socket.getBytes(StandardCharsets.UTF_8).length;
        if (length > SOCKET_PATH_LIMIT) {
            throw new IllegalArgumentException(
                    "directory: "
                            + root
                            + " (expected: "
                            + (length - SOCKET_PATH_LIMIT)
                            + " characters less, for the Unix sockets lie below it)");
        }
    }

    /** The plan, written first: with it the directory is a local cluster's. */
    public Path plan() {
        return root.resolve("local.json");
    }

    /** What scripts read. */
    public Path clusterFile() {
        return root.resolve("cluster.json");
    }

    public Path runtime() {
        return root.resolve("runtime");
    }

    /** For the processes' own scratch files, so that nothing is left in the machine's. */
    public Path scratch() {
        return root.resolve("tmp");
    }

    public Path secrets() {
        return root.resolve("secrets");
    }

    public Path secret(String name) {
        return secrets().resolve(name);
    }

    public Path zooKeeperData() {
        return root.resolve("zookeeper");
    }

    public Path s3Data() {
        return root.resolve("s3");
    }

    public Path s3Configuration() {
        return root.resolve("s3.conf");
    }

    public Path archive() {
        return root.resolve("archive");
    }

    /** Where the ambassador remembers the highest epoch. */
    public Path ambassadorState() {
        return root.resolve("ambassador");
    }

    public Path ambassadorConfiguration() {
        return root.resolve("ambassador.yaml");
    }

    public Node node(String name) {
        return new Node(root.resolve(name));
    }

    public Path log(String part) {
        return root.resolve(part + ".log");
    }

    /** The share of one member. */
    public record Node(Path home) {

        public Path data() {
            return home.resolve("data");
        }

        public Path control() {
            return home.resolve("control");
        }

        public Path spool() {
            return home.resolve("spool");
        }

        public Path socket() {
            return home.resolve("socket");
        }

        public Path configuration() {
            return home.resolve("sidecar.yaml");
        }
    }
}
