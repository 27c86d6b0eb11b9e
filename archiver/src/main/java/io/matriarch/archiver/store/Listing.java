package io.matriarch.archiver.store;

/**
 * Which objects of a store are listed.
 *
 * @param prefix of their keys
 * @param after only those whose keys come later than this text; empty for all
 * @param isFlat whether only those directly in the folder of the prefix, and none in folders below
 */
public record Listing(String prefix, String after, boolean isFlat) {

    public Listing {
        StoreKey.checkedPrefix(prefix);
        StoreKey.checkedPrefix(after);
    }

    /** All objects whose key begins with {@code prefix}. */
    public static Listing of(String prefix) {
        return new Listing(prefix, "", false);
    }

    /** All objects directly in a folder, which is empty or ends with a slash. */
    public static Listing inFolder(String folder) {
        return new Listing(StoreKey.checkedFolder(folder), "", true);
    }

    /** Those of them whose key comes later than {@code text}. */
    public Listing after(String text) {
        return new Listing(prefix, text, isFlat);
    }

    /** Whether an object belongs to it. */
    public boolean shows(String key) {
        return key.startsWith(prefix)
                && key.compareTo(after) > 0
                && !(isFlat && key.indexOf('/', prefix.length()) >= 0);
    }
}
