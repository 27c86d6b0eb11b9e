package io.matriarch.archiver.catalogue;

/** How the file with a relation file's changed pages is called: as PostgreSQL 17 calls it. */
public final class IncrementName {

    private static final String PREFIX = "INCREMENTAL.";

    private IncrementName() {}

    /** The increment of a file, in the same folder: {@code base/5/INCREMENTAL.16384}. */
    public static String of(String path) {
        int name = path.lastIndexOf('/') + 1;
        return path.substring(0, name) + PREFIX + path.substring(name);
    }

    /** Whether a path is called like an increment. */
    public static boolean isOne(String path) {
        return path.startsWith(PREFIX, path.lastIndexOf('/') + 1);
    }

    /** The file that an increment belongs to. */
    public static String fileOf(String path) {
        int name = path.lastIndexOf('/') + 1;
        if (!isOne(path)) {
            throw new IllegalArgumentException(
                    "increment: " + path + " (expected: a name that begins with " + PREFIX + ")");
        }
        return path.substring(0, name) + path.substring(name + PREFIX.length());
    }
}
