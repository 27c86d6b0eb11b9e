package io.matriarch.archiver.store;

import java.util.regex.Pattern;

/** What a key may look like, so that it means the same in a bucket and in a directory. */
public final class StoreKey {

    private static final int LONGEST = 800;

    /** Names that begin with a dot are kept for the stores' own use. */
    private static final Pattern KEY =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._=+-]*(/[A-Za-z0-9_][A-Za-z0-9._=+-]*)*");

    private StoreKey() {}

    public static String checked(String key) {
        if (key.length() > LONGEST || !KEY.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "key: "
                            + key
                            + " (expected: names of letters, digits and ._=+- with / between,"
                            + " none beginning with a dot, at most "
                            + LONGEST
                            + " characters)");
        }
        return key;
    }

    /** A beginning of keys: like a key, but it may be empty or end anywhere. */
    public static String checkedPrefix(String prefix) {
        String whole = prefix.isEmpty() || prefix.endsWith("/") ? prefix + "x" : prefix;
        checked(whole);
        return prefix;
    }

    public static String checkedFolder(String folder) {
        if (!folder.isEmpty() && !folder.endsWith("/")) {
            throw new IllegalArgumentException(
                    "folder: " + folder + " (expected: empty, or / at the end)");
        }
        return checkedPrefix(folder);
    }
}
