package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What lies in a folder. */
public final class FolderEntries {

    private FolderEntries() {}

    /**
     * All of it, in no order. A listing that breaks off half-way is trouble of the disk like one
     * that does not begin: Java's own tells it with an exception that nobody expects.
     */
    public static List<Path> of(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(all::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return all;
    }
}
