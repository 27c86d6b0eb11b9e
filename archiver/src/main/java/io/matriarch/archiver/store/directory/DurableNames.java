package io.matriarch.archiver.store.directory;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the names of a store's files and folders outlive a crash of the machine.
 *
 * <p>A name that is there need not be on disk: who gave it may have died, or failed, before that.
 * So a process takes nobody's word for it, and writes down each folder's name itself, once.
 */
final class DurableNames {

    private static final Set<PosixFilePermission> OF_USER =
            PosixFilePermissions.fromString("rwx------");

    /** Of what is forgotten, each folder costs one sync more. */
    private static final int MOST_KNOWN = 1000;

    /** Writes the names in a folder to disk. */
    @FunctionalInterface
    interface Disk {
        void syncFolder(Path folder) throws IOException;
    }

    private final Path root;
    private final Disk disk;
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    DurableNames(Path root, Disk disk) {
        this.root = root;
        this.disk = disk;
    }

    /**
     * Creates the folders between the root, which must exist, and a file; they are for the user
     * alone, whatever the umask is. Their names are on disk afterwards, whoever created them.
     */
    void createFolders(Path file) throws IOException {
        create(folderOf(file));
    }

    private void create(Path folder) throws IOException {
        boolean isThere = Files.isDirectory(folder);
        if (folder.equals(root)) {
            if (!isThere) {
                throw new NoSuchFileException(root.toString());
            }
            return;
        }
        if (isThere && durable.contains(folder)) {
            return;
        }
        create(folderOf(folder));
        createOne(folder);
        sync(folder);
        if (durable.size() >= MOST_KNOWN) {
            durable.clear();
        }
        durable.add(folder);
    }

    /** Never its parents: a root that has gone away meanwhile must not be made up. */
    private static void createOne(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OF_USER));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    /** Writes the name of a file to disk, and those of the folders that it lies in. */
    void syncWithFolders(Path file) throws IOException {
        syncFolder(folderOf(file));
    }

    /** Writes the names in a folder to disk, and those of the folders that it lies in. */
    void syncFolder(Path folder) throws IOException {
        create(folder);
        disk.syncFolder(folder);
    }

    /** Writes the name of a file to disk, by way of its folder. */
    void sync(Path file) throws IOException {
        disk.syncFolder(folderOf(file));
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.getParent(), "folder of " + file);
    }
}
