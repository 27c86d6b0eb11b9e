package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.FolderEntries;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a data directory has beyond a backup. Links are removed and not followed, but for two kinds
 * that belong to the directory: {@code pg_wal} may lie elsewhere, and so do tablespaces. In a
 * tablespace only the folder of this major version is the cluster's own.
 */
final class Leftovers {

    private static final String TABLESPACES = "pg_tblspc";
    private static final Pattern TABLESPACE = Pattern.compile("pg_tblspc/([0-9]+)");

    /** What a server puts into {@code pg_wal}, of any version. */
    private static final Pattern OF_THE_LOG =
            Pattern.compile(
                    "[0-9A-F]{24}(\\.[0-9A-F]{8}\\.backup|\\.partial)?|[0-9A-F]{8}\\.history"
                            + "|archive_status|summaries|xlogtemp\\.[0-9]+|RECOVERY[A-Z]+");

    private final Path directory;
    private final Map<Long, Path> tablespaces;
    private final String versionFolder;
    private final Set<String> folders = new HashSet<>();
    private final Set<String> files = new HashSet<>();
    private long removed;

    Leftovers(Path directory, Map<Long, Path> tablespaces, int major) {
        this.directory = directory;
        this.tablespaces = Map.copyOf(tablespaces);
        this.versionFolder = "PG_" + major + "_";
        folders.add("pg_wal");
        folders.add(TABLESPACES);
    }

    /**
     * @param tablespaces where those of the backup go
     */
    static Leftovers beside(
            RestoreSource.BackupFiles contents,
            Path directory,
            Map<Long, Path> tablespaces,
            int major) {
        Leftovers leftovers = new Leftovers(directory, tablespaces, major);
        leftovers.keep(contents);
        return leftovers;
    }

    private void keep(RestoreSource.BackupFiles contents) {
        contents.folders().stream().map(DataFolder::path).forEach(folders::add);
        contents.eachFile((path, _) -> files.add(path));
        // They are written by the seal; those of another restore must not be taken for it.
        files.removeAll(Seal.HELD);
    }

    /** Removes them; how many files that were. */
    long remove() throws IOException {
        removed = 0;
        clean(directory, "");
        return removed;
    }

    private void clean(Path folder, String path) throws IOException {
        boolean isChanged = false;
        for (Path entry : FolderEntries.of(folder)) {
            String name = (path.isEmpty() ? "" : path + "/") + entry.getFileName();
            isChanged |= !keep(entry, name);
        }
        if (isChanged) {
            DurableFiles.syncFolder(folder);
        }
    }

    /** Keeps an entry, and cleans what is below it, or deletes it. */
    private boolean keep(Path entry, String path) throws IOException {
        if (path.equals(RestoreFolder.FOLDER) || isStrangeInLog(path)) {
            return true;
        }
        if (Files.isSymbolicLink(entry)) {
            return keepLink(entry, path);
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && folders.contains(path)) {
            clean(entry, path);
            return true;
        }
        if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS) && files.contains(path)) {
            return true;
        }
        deleteTree(entry);
        return false;
    }

    /**
     * It may be a file system of its own, or be shared: there only what a server puts is removed.
     */
    private static boolean isStrangeInLog(String path) {
        String above = "pg_wal/";
        return path.startsWith(above)
                && path.indexOf('/', above.length()) < 0
                && !OF_THE_LOG.matcher(path.substring(above.length())).matches();
    }

    private boolean keepLink(Path link, String path) throws IOException {
        if (path.equals("pg_wal") && Files.isDirectory(link)) {
            clean(link, path);
            return true;
        }
        boolean isTablespace = TABLESPACE.matcher(path).matches();
        if (isTablespace && Files.isDirectory(link)) {
            cleanTablespace(link, path);
            long oid = Long.parseLong(path.substring(TABLESPACES.length() + 1));
            Path place = tablespaces.get(oid);
            if (place != null && leadsTo(link, place)) {
                return true;
            }
        }
        Files.delete(link);
        removed++;
        return false;
    }

    /** Also of one that the backup does not have: replay may make it again, and expects it new. */
    private void cleanTablespace(Path link, String path) throws IOException {
        for (Path entry : FolderEntries.of(link)) {
            String name = entry.getFileName().toString();
            if (name.startsWith(versionFolder)) {
                keep(entry, path + "/" + name);
            }
        }
    }

    static boolean leadsTo(Path link, Path place) throws IOException {
        return Files.readSymbolicLink(link).equals(place);
    }

    private void deleteTree(Path top) throws IOException {
        Files.walkFileTree(
                top,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        removed++;
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path folder, @Nullable IOException trouble) throws IOException {
                        if (trouble != null) {
                            throw trouble;
                        }
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
