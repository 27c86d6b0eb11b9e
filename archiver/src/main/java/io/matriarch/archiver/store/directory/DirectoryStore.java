package io.matriarch.archiver.store.directory;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreKey;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.host.DurableFiles;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a directory, also one on a network file system.
 *
 * <p>An object is written under a name of its own in {@code .incoming}, made durable, and only then
 * linked to its key: {@code link(2)} is atomic and refuses a name that is taken, for every process
 * that uses the directory. What was left over in {@code .incoming} by a crash is never taken for an
 * object.
 *
 * <p>Files and folders are readable for the user alone, whatever the umask is: they hold all data
 * of a cluster.
 */
public final class DirectoryStore implements ObjectStore {

    private static final Logger log = LoggerFactory.getLogger(DirectoryStore.class);
    private static final String INCOMING = ".incoming";
    private static final String OUT_OF_ORDER =
            "check that the volume is mounted, writable for this user and not full";

    private final Path root;
    private final DurableNames names;
    private final MetadataFiles metadata;

    DirectoryStore(Path root, DurableNames.Disk disk) {
        this.root = root;
        this.names = new DurableNames(root, disk);
        this.metadata = new MetadataFiles(root, names);
    }

    /**
     * The store in a directory. That is looked at by each call, and never created: a missing one
     * may be a volume that is not mounted yet.
     */
    public static DirectoryStore open(Path root) {
        return new DirectoryStore(root, DurableFiles::syncFolder);
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata described) {
        Path target = path(key);
        Optional<StoredObject> before = head(key);
        Path incoming = root.resolve(INCOMING).resolve(UUID.randomUUID().toString());
        try {
            if (before.isPresent()) {
                return alreadyThere(before.get());
            }
            names.createFolders(incoming);
            write(key, incoming, body);
            names.createFolders(target);
            return publish(key, incoming, target, described);
        } catch (IOException e) {
            throw trouble("write", key, e);
        } finally {
            tidy(incoming);
        }
    }

    /** What stays all the same is removed some day; it must not hide how the write has ended. */
    private static void tidy(Path left) {
        try {
            Files.deleteIfExists(left);
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("file", left)
                    .addKeyValue("error", e.toString())
                    .log("what a write has left cannot be removed now");
        }
    }

    private void write(String key, Path incoming, Body body) throws IOException {
        try (FileChannel file = PrivateFile.create(incoming);
                OutputStream out = new BufferedOutputStream(new Content(key, file), 1 << 16)) {
            writeBody(body, out);
            file.force(true);
        }
    }

    private static void writeBody(Body body, OutputStream out) {
        try {
            body.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells the store's trouble from the body's. */
    private final class Content extends OutputStream {

        private final String key;
        private final FileChannel file;

        Content(String key, FileChannel file) {
            this.key = key;
            this.file = file;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                while (buffer.hasRemaining()) {
                    file.write(buffer);
                }
            } catch (IOException e) {
                throw trouble("write", key, e);
            }
        }
    }

    private PutOutcome publish(String key, Path incoming, Path target, Metadata described)
            throws IOException {
        Path beside = metadata.write(key, incoming, described);
        try {
            Files.createLink(target, incoming);
        } catch (IOException e) {
            tidy(beside);
            if (e instanceof FileAlreadyExistsException) {
                return alreadyThere(head(key).orElseThrow(() -> trouble("read back", key, e)));
            }
            throw e;
        }
        names.sync(target);
        return new PutOutcome.Stored();
    }

    /** Whoever put it there may have died, or failed, before its name was on disk. */
    private PutOutcome alreadyThere(StoredObject existing) throws IOException {
        names.syncWithFolders(path(existing.key()));
        return new PutOutcome.AlreadyThere(existing);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        Path file = path(key);
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            if (!found.isRegularFile()) {
                return Optional.empty();
            }
            return Optional.of(
                    new StoredObject(
                            key,
                            found.size(),
                            found.lastModifiedTime().toInstant(),
                            metadata.read(key, file)));
        } catch (NoSuchFileException e) {
            return absentIfMounted();
        } catch (IOException e) {
            throw trouble("read", key, e);
        }
    }

    @Override
    public Optional<InputStream> get(String key) {
        Path file = path(key);
        try {
            return Files.isDirectory(file)
                    ? Optional.empty()
                    : Optional.of(Files.newInputStream(file));
        } catch (NoSuchFileException e) {
            return absentIfMounted();
        } catch (IOException e) {
            throw trouble("read", key, e);
        }
    }

    /** Nothing is absent in a directory that is itself gone. */
    private <T> Optional<T> absentIfMounted() {
        troubleOfRoot()
                .ifPresent(trouble -> {
                    throw trouble;
                });
        return Optional.empty();
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        String prefix = listing.prefix();
        try {
            each(prefix.substring(0, prefix.lastIndexOf('/') + 1), listing, seen);
        } catch (IOException e) {
            throw trouble("list", prefix, e);
        }
    }

    private void each(String folder, Listing listing, Consumer<ListedObject> seen)
            throws IOException {
        boolean _ =
                anyEntry(
                        folder,
                        entry -> {
                            look(entry, folder + entry.getFileName(), listing, seen);
                            return false;
                        });
    }

    private void look(Path entry, String key, Listing listing, Consumer<ListedObject> seen)
            throws IOException {
        Optional<BasicFileAttributes> file = look(entry);
        String prefix = listing.prefix();
        String below = key + "/";
        if (file.isPresent() && file.get().isDirectory()) {
            if (below.startsWith(prefix) ? !listing.isFlat() : prefix.startsWith(below)) {
                each(below, listing, seen);
            }
        } else if (file.isPresent() && file.get().isRegularFile() && listing.shows(key)) {
            seen.accept(
                    new ListedObject(
                            key, file.get().size(), file.get().lastModifiedTime().toInstant()));
        }
    }

    /** Empty if it was deleted between the listing and the look: as if listed a moment later. */
    private static Optional<BasicFileAttributes> look(Path entry) throws IOException {
        try {
            return Optional.of(Files.readAttributes(entry, BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> listFolders(String folder) {
        StoreKey.checkedFolder(folder);
        List<String> names = new ArrayList<>();
        try {
            boolean _ =
                    anyEntry(
                            folder,
                            entry -> {
                                String name = entry.getFileName().toString();
                                if (isFolder(entry) && holdsFiles(folder + name + "/")) {
                                    names.add(name);
                                }
                                return false;
                            });
        } catch (IOException e) {
            throw trouble("list", folder, e);
        }
        names.sort(Comparator.naturalOrder());
        return List.copyOf(names);
    }

    /** Empty folders are left behind by deletions; a bucket has none, so none are shown. */
    private boolean holdsFiles(String folder) throws IOException {
        return anyEntry(
                folder,
                entry -> {
                    Optional<BasicFileAttributes> found = look(entry);
                    return found.isPresent()
                            && (!found.get().isDirectory()
                                    || holdsFiles(folder + entry.getFileName() + "/"));
                });
    }

    private static boolean isFolder(Path entry) throws IOException {
        return look(entry).map(BasicFileAttributes::isDirectory).orElse(false);
    }

    private interface EntryTest {
        boolean passes(Path entry) throws IOException;
    }

    /** Looks at what a folder holds, as it is read, until an entry passes. */
    private boolean anyEntry(String folder, EntryTest test) throws IOException {
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(
                        root.resolve(folder),
                        entry -> !entry.getFileName().toString().startsWith("."))) {
            for (Path entry : entries) {
                if (test.passes(entry)) {
                    return true;
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            absentIfMounted();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return false;
    }

    @Override
    public void settle(String folder) {
        Path place = root.resolve(StoreKey.checkedFolder(folder));
        try {
            if (Files.isDirectory(place)) {
                names.syncFolder(place);
            }
        } catch (IOException e) {
            throw trouble("make durable", folder, e);
        }
    }

    @Override
    public void delete(Collection<String> keys) {
        for (String key : keys) {
            try {
                if (!Files.deleteIfExists(path(key))) {
                    absentIfMounted();
                }
                metadata.delete(key);
            } catch (IOException e) {
                throw trouble("delete", key, e);
            }
        }
    }

    @Override
    public int discardUnfinished(String prefix, Instant before) {
        StoreKey.checkedPrefix(prefix);
        try {
            return discardIncoming(before);
        } catch (IOException e) {
            throw trouble("tidy", INCOMING, e);
        }
    }

    private int discardIncoming(Instant before) throws IOException {
        int discarded = 0;
        try (DirectoryStream<Path> left = Files.newDirectoryStream(root.resolve(INCOMING))) {
            for (Path file : left) {
                // What is being written changes all the time, and may vanish as we look.
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)
                        && Files.deleteIfExists(file)) {
                    discarded++;
                }
            }
        } catch (NoSuchFileException e) {
            return discarded;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return discarded;
    }

    @Override
    public void close() {
        // Nothing is held between calls.
    }

    private Path path(String key) {
        return root.resolve(StoreKey.checked(key));
    }

    /** What is wrong with the directory itself says more than what became of a file in it. */
    private StoreException trouble(String act, String key, Exception cause) {
        return troubleOfRoot()
                .orElseGet(() ->
                        new StoreException(
                                "cannot " + act + " " + root.resolve(key) + ": " + cause,
                                OUT_OF_ORDER,
                                true,
                                cause));
    }

    private Optional<StoreException> troubleOfRoot() {
        try (DirectoryStream<Path> _ = Files.newDirectoryStream(root)) {
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return troubleOfRoot(
                    " does not exist", "create it, or mount the volume that holds it", e);
        } catch (NotDirectoryException e) {
            return troubleOfRoot(
                    " is not a directory", "name the directory that holds the archive", e);
        } catch (IOException e) {
            return troubleOfRoot(
                    " cannot be read: " + e,
                    "the user that runs this needs to read and enter it, and all that it lies in",
                    e);
        }
    }

    private Optional<StoreException> troubleOfRoot(String what, String hint, Exception cause) {
        return Optional.of(
                new StoreException("repository directory: " + root + what, hint, true, cause));
    }
}
