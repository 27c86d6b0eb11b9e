package io.matriarch.local;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where everything of a local cluster lies, below one directory. */
record LocalDirectory(Path root) {

    /** The longest path of a Unix socket that Linux takes, without its final zero. */
    private static final int SOCKET_PATH_LIMIT = 107;

    /** The path becomes part of archive_command and of the control directory's records. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{Alnum}/._+@=,-]+");

    LocalDirectory {
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
    Path plan() {
        return root.resolve("local.json");
    }

    /** What scripts read. */
    Path clusterFile() {
        return root.resolve("cluster.json");
    }

    Path runtime() {
        return root.resolve("runtime");
    }

    /** For the processes' own scratch files, so that nothing is left in the machine's. */
    Path scratch() {
        return root.resolve("tmp");
    }

    Path secrets() {
        return root.resolve("secrets");
    }

    Path secret(String name) {
        return secrets().resolve(name);
    }

    Path zooKeeperData() {
        return root.resolve("zookeeper");
    }

    Path s3Data() {
        return root.resolve("s3");
    }

    Path s3Configuration() {
        return root.resolve("s3.conf");
    }

    Path archive() {
        return root.resolve("archive");
    }

    Path ambassadorConfiguration() {
        return root.resolve("ambassador.yaml");
    }

    Node node(String name) {
        return new Node(root.resolve(name));
    }

    Path log(String part) {
        return root.resolve(part + ".log");
    }

    /** The share of one member. */
    record Node(Path home) {

        Path data() {
            return home.resolve("data");
        }

        Path control() {
            return home.resolve("control");
        }

        Path spool() {
            return home.resolve("spool");
        }

        Path socket() {
            return home.resolve("socket");
        }

        Path configuration() {
            return home.resolve("sidecar.yaml");
        }
    }
}
