package io.matriarch.archiver.repository;

import java.util.regex.Pattern;

/** The name of a cluster, which is also a folder of the repository. */
public record ClusterName(String value) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    public ClusterName {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "cluster: "
                            + value
                            + " (expected: lower-case letters, digits, - and _, at most 63)");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
