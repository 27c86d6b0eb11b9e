package io.matriarch.archiver.increment;

import io.matriarch.postgres.datadir.PageChecksum;
import io.matriarch.postgres.datadir.RelationFile;

/**
 * Which files consist of pages that tell when they were changed: those of the main forks. A free
 * space map is not logged, and a visibility map is cleared without a trace in it.
 */
public final class PagedFile {

    private PagedFile() {}

    /** Whether relations lie in the folder of a file. */
    public static boolean isInDatabase(String path) {
        return path.startsWith("base/")
                || path.startsWith("global/")
                || path.startsWith("pg_tblspc/");
    }

    /**
     * Whether a file is one.
     *
     * @param path relative to the data directory
     * @param size in bytes; a part of a page is nothing that could be compared
     */
    public static boolean isOne(String path, long size) {
        return isInDatabase(path)
                && size > 0
                && size % PageChecksum.PAGE_BYTES == 0
                && RelationFile.parse(path.substring(path.lastIndexOf('/') + 1))
                        .filter(file -> file.fork().equals("main"))
                        .isPresent();
    }
}
