package io.matriarch.archiver.foreign;

import io.matriarch.archiver.store.StoreLocation;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a repository of WAL-E or WAL-G lies: {@code wal-g://bucket/prefix}, with the options that
 * {@code s3://} takes, or {@code wal-g:///directory}; {@code wal-e} likewise.
 *
 * @param tool {@code wal-e} or {@code wal-g}: both read the same layout
 */
public record ForeignLocation(String tool, StoreLocation store) {

    private static final Pattern URL = Pattern.compile("(wal-[eg])://([^?]+)(\\?.*)?");

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static ForeignLocation parse(String text) {
        Matcher url = URL.matcher(text);
        if (!url.matches() || url.group(2).contains("://")) {
            throw new IllegalArgumentException(
                    "repository to restore from: "
                            + text
                            + " (expected: wal-g://bucket/prefix or wal-g:///directory; wal-e"
                            + " likewise)");
        }
        String place = text.substring(url.start(2));
        return new ForeignLocation(
                url.group(1),
                StoreLocation.parse((place.startsWith("/") ? "file://" : "s3://") + place));
    }

    /** The URL from which it can be read again. */
    @Override
    public String toString() {
        String url = store.toString();
        return tool + url.substring(url.indexOf("://"));
    }
}
