package io.matriarch.archiver.store.directory;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
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
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A store in a directory, also one on a network file system.
 *
 * <p>An object is written under a name of its own in {@code .incoming}, made durable, and only then
 * linked to its key: {@code link(2)} is atomic and refuses a name that is taken, for every process
 * that uses the directory. What was left over in {@code .incoming} by a crash is never looked at.
 */
public final class DirectoryStore implements ObjectStore {

    private static final String INCOMING = ".incoming";

    private final Path root;
    private final MetadataFiles metadata;

    private DirectoryStore(Path root) {
        this.root = root;
        this.metadata = new MetadataFiles(root);
    }

    /**
     * Opens the store in a directory, which must exist: a missing one may be an unmounted volume.
     */
    public static DirectoryStore open(Path root) {
        if (!Files.isDirectory(root)) {
            throw new StoreException(
                    "repository directory: " + root + " does not exist",
                    "create it, or mount the volume that holds it",
                    true,
                    new NoSuchFileException(root.toString()));
        }
        return new DirectoryStore(root);
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata described) {
        Path target = path(key);
        Optional<StoredObject> before = head(key);
        if (before.isPresent()) {
            return new PutOutcome.AlreadyThere(before.get());
        }
        Path incoming = root.resolve(INCOMING).resolve(UUID.randomUUID().toString());
        try {
            DurableFiles.createFolders(root, incoming);
            write(key, incoming, body);
            DurableFiles.createFolders(root, target);
            return publish(key, incoming, target, described);
        } catch (IOException e) {
            throw trouble("write", key, e);
        } finally {
            DurableFiles.discard(incoming);
        }
    }

    private void write(String key, Path incoming, Body body) throws IOException {
        try (FileChannel file =
                        FileChannel.open(
                                incoming, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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
        } catch (FileAlreadyExistsException e) {
            DurableFiles.discard(beside);
            return new PutOutcome.AlreadyThere(
                    head(key).orElseThrow(() -> trouble("read back", key, e)));
        }
        DurableFiles.syncName(target);
        return new PutOutcome.Stored();
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
        if (Files.isDirectory(root)) {
            return Optional.empty();
        }
        throw trouble("read", "", new NoSuchFileException(root.toString()));
    }

    @Override
    public List<ListedObject> list(String prefix) {
        StoreKey.checkedPrefix(prefix);
        List<ListedObject> found = new ArrayList<>();
        String folder = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        try {
            collect(folder, prefix, found);
        } catch (IOException e) {
            throw trouble("list", prefix, e);
        }
        found.sort(Comparator.comparing(ListedObject::key));
        return List.copyOf(found);
    }

    private void collect(String folder, String prefix, List<ListedObject> found)
            throws IOException {
        for (Path entry : entries(folder)) {
            String key = folder + entry.getFileName();
            try {
                BasicFileAttributes file = Files.readAttributes(entry, BasicFileAttributes.class);
                String below = key + "/";
                if (file.isDirectory() && (below.startsWith(prefix) || prefix.startsWith(below))) {
                    collect(below, prefix, found);
                } else if (file.isRegularFile() && key.startsWith(prefix)) {
                    found.add(
                            new ListedObject(
                                    key, file.size(), file.lastModifiedTime().toInstant()));
                }
            } catch (NoSuchFileException e) {
                // Deleted between the listing and the look: as if listed a moment later.
            }
        }
    }

    @Override
    public List<String> listFolders(String folder) {
        StoreKey.checkedFolder(folder);
        try {
            List<String> names = new ArrayList<>();
            for (Path entry : entries(folder)) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry) && holdsFiles(folder + name + "/")) {
                    names.add(name);
                }
            }
            names.sort(Comparator.naturalOrder());
            return List.copyOf(names);
        } catch (IOException e) {
            throw trouble("list", folder, e);
        }
    }

    /** Empty folders are left behind by deletions; a bucket has none, so none are shown. */
    private boolean holdsFiles(String folder) throws IOException {
        for (Path entry : entries(folder)) {
            boolean isFolder = Files.isDirectory(entry);
            if (!isFolder || holdsFiles(folder + entry.getFileName() + "/")) {
                return true;
            }
        }
        return false;
    }

    private List<Path> entries(String folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        Path directory = root.resolve(folder);
        try (DirectoryStream<Path> stream =
                Files.newDirectoryStream(
                        directory, entry -> !entry.getFileName().toString().startsWith("."))) {
            stream.forEach(entries::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            absentIfMounted();
        }
        return entries;
    }

    @Override
    public void delete(Collection<String> keys) {
        for (String key : keys) {
            try {
                Files.deleteIfExists(path(key));
                metadata.delete(key);
            } catch (IOException e) {
                throw trouble("delete", key, e);
            }
        }
    }

    @Override
    public void close() {
        // Nothing is held between calls.
    }

    private Path path(String key) {
        return root.resolve(StoreKey.checked(key));
    }

    private StoreException trouble(String act, String key, IOException cause) {
        return new StoreException(
                "cannot " + act + " " + root.resolve(key) + ": " + cause,
                "check that the volume is mounted, writable for this user and not full",
                true,
                cause);
    }
}
