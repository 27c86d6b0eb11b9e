package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileMode;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.postgres.datadir.RelationFile;
import io.matriarch.postgres.host.ScratchList;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lists what a base backup of a data directory consists of. The directory belongs to a running
 * server: what vanishes between two looks is left out.
 */
final class DirectoryScan {

    private static final String TABLESPACES = "pg_tblspc";

    private final Path root;
    private final Map<Long, String> tablespaceNames;
    private final ScratchList<DataFile> files;
    private final List<DataFolder> folders = new ArrayList<>();
    private final List<Tablespace> tablespaces = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private long bytes;

    private DirectoryScan(
            Path root, Map<Long, String> tablespaceNames, ScratchList<DataFile> files) {
        this.root = root;
        this.tablespaceNames = tablespaceNames;
        this.files = files;
    }

    /**
     * What there is to copy.
     *
     * @param skipped what is neither a file nor a directory, such as links out of the data
     *     directory
     */
    record Found(
            ScratchList<DataFile> files,
            long bytes,
            List<DataFolder> folders,
            List<Tablespace> tablespaces,
            List<String> skipped) {}

    /**
     * Walks through {@code root} and the tablespaces that it links to.
     *
     * @param files empty; holds the files that were found
     */
    static Found of(Path root, Map<Long, String> tablespaceNames, ScratchList<DataFile> files)
            throws IOException {
        DirectoryScan scan = new DirectoryScan(root, tablespaceNames, files);
        scan.folder("");
        return new Found(files, scan.bytes, scan.folders, scan.tablespaces, scan.skipped);
    }

    private void folder(String folder) throws IOException {
        List<String> names = names(folder);
        Set<Long> unlogged = unlogged(names);
        for (String name : names) {
            String path = folder.isEmpty() ? name : folder + "/" + name;
            if (!Exclusions.isLeftOut(path) && !isUnlogged(path, name, unlogged)) {
                Optional<PosixFileAttributes> attributes = attributes(path);
                if (attributes.isPresent()) {
                    entry(path, attributes.get());
                }
            }
        }
    }

    private void entry(String path, PosixFileAttributes attributes) throws IOException {
        if (attributes.isRegularFile()) {
            files.add(new DataFile(path, attributes.size()));
            bytes += attributes.size();
        } else if (attributes.isDirectory()) {
            folders.add(new DataFolder(path, FileMode.of(attributes)));
            contents(path);
        } else if (attributes.isSymbolicLink()) {
            link(path);
        } else {
            skipped.add(path);
        }
    }

    /** PostgreSQL names its links by object identifiers; others, somebody has put there. */
    private static Optional<Long> tablespace(String path) {
        String prefix = TABLESPACES + "/";
        return Optional.of(path)
                .filter(it -> it.startsWith(prefix))
                .map(it -> it.substring(prefix.length()))
                .filter(it -> it.matches("[0-9]{1,10}"))
                .map(Long::parseLong);
    }

    private void link(String path) throws IOException {
        Path link = root.resolve(path);
        Optional<Long> tablespace = tablespace(path);
        if (tablespace.isPresent() && Files.isDirectory(link)) {
            long oid = tablespace.get();
            String location = Files.readSymbolicLink(link).toString();
            tablespaces.add(new Tablespace(oid, tablespaceNames.getOrDefault(oid, path), location));
            folder(path);
        } else if (Exclusions.isKeptEmpty(path) && Files.isDirectory(link)) {
            PosixFileAttributes target = Files.readAttributes(link, PosixFileAttributes.class);
            folders.add(new DataFolder(path, FileMode.of(target)));
            contents(path);
        } else {
            skipped.add(path);
        }
    }

    /** Of a folder that is kept empty its own such folders are kept. */
    private void contents(String path) throws IOException {
        if (!Exclusions.isKeptEmpty(path)) {
            folder(path);
            return;
        }
        for (String name : names(path)) {
            String inside = path + "/" + name;
            if (Exclusions.isKeptEmpty(inside)) {
                attributes(inside)
                        .filter(PosixFileAttributes::isDirectory)
                        .ifPresent(it -> folders.add(new DataFolder(inside, FileMode.of(it))));
            }
        }
    }

    /** In order; there may be a great many in one folder. */
    private List<String> names(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(root.resolve(folder))) {
            stream.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (NoSuchFileException | NotDirectoryException vanished) {
            if (folder.isEmpty()) {
                throw vanished;
            }
        } catch (DirectoryIteratorException e) {
            throw new IOException("cannot list " + root.resolve(folder), e);
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }

    /** Empty if it vanished between the listing and the look. */
    private Optional<PosixFileAttributes> attributes(String path) throws IOException {
        try {
            return Optional.of(
                    Files.readAttributes(
                            root.resolve(path),
                            PosixFileAttributes.class,
                            LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException | NotDirectoryException vanished) {
            return Optional.empty();
        }
    }

    private static Set<Long> unlogged(List<String> names) {
        Set<Long> nodes = new TreeSet<>();
        for (String name : names) {
            RelationFile.parse(name)
                    .filter(RelationFile::isInitFork)
                    .ifPresent(file -> nodes.add(file.node()));
        }
        return nodes;
    }

    /**
     * Unlogged relations are empty after a restore, as after a crash: their init fork is enough.
     */
    private static boolean isUnlogged(String path, String name, Set<Long> unlogged) {
        return new DataFile(path, 0).isInDatabase()
                && RelationFile.parse(name)
                        .map(file -> !file.isInitFork() && unlogged.contains(file.node()))
                        .orElse(false);
    }
}
