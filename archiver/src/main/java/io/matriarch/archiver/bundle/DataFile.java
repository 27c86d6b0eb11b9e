package io.matriarch.archiver.bundle;

/**
 * A file that the scan found, to be copied.
 *
 * @param path relative to the data directory, with {@code /}; files of a tablespace below {@code
 *     pg_tblspc/<oid>/}
 * @param size at the time of the scan; it may have changed when the file is read
 */
public record DataFile(String path, long size) {

    /** Whether relations lie in this file's folder. */
    public boolean isInDatabase() {
        return path.startsWith("base/")
                || path.startsWith("global/")
                || path.startsWith("pg_tblspc/");
    }

    /** The last part of the path. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
