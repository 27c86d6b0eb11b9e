package io.matriarch.archiver.readback;

import io.matriarch.archiver.bundle.DigestStream;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.host.ScratchException;
import io.matriarch.postgres.host.ScratchFile;
import io.matriarch.postgres.host.ScratchList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a backup consists of, proven against {@code backup.json}. The files are in a private file:
 * they may be more than fit into a sidecar's memory.
 */
public final class BackupContents implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;
    private static final long FILE_BYTES = 256 << 10;

    private final BaseBackup backup;
    private final String stored;
    private final Path folder;
    private final Map<String, BackupObject> objects = new HashMap<>();
    private final Map<BackupObject, Held> bundles = new HashMap<>();
    private final ScratchList<ManifestEntry> files;
    private final List<DataFolder> folders;
    private long bytes;
    private String current = "";

    /** What a bundle holds, and how many bytes that is. */
    private static final class Held {
        private final List<ScratchList.Run> runs = new ArrayList<>();
        private long bytes;
        private long count;

        /** To create a file takes as long as to write so many bytes. */
        long work() {
            return bytes + count * FILE_BYTES;
        }
    }

    private BackupContents(
            Download download, RepositoryLayout layout, BaseBackup backup, Path folder)
            throws IOException {
        this.backup = backup;
        this.stored = layout.backupFolder(backup.id());
        this.folder = folder;
        backup.objects().forEach(object -> objects.put(object.name(), object));
        this.files = new ScratchList<>(folder, ManifestEntry.CODEC);
        try (FileChannel manifest = ScratchFile.open(folder)) {
            this.folders = read(download, layout.manifest(backup.id()), manifest);
        } catch (IOException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /** Reads what the backup's manifest says. */
    public static BackupContents read(
            Download download, RepositoryLayout layout, BaseBackup backup) {
        return read(download, layout, backup, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The same with the private files in {@code folder}. */
    static BackupContents read(
            Download download, RepositoryLayout layout, BaseBackup backup, Path folder) {
        try {
            return new BackupContents(download, layout, backup, folder);
        } catch (IOException e) {
            throw trouble(new ScratchException(folder, e));
        } catch (ScratchException e) {
            throw trouble(e);
        }
    }

    private static RestoreException trouble(ScratchException e) {
        return RestoreException.ofThisHost(
                String.valueOf(e.getMessage()),
                "make room there, or name another directory for it:"
                        + " MATRIARCH_JAVA_OPTS=-Djava.io.tmpdir=<directory>",
                e);
    }

    /** Nothing that the manifest says is looked at before all of its bytes are proven. */
    private List<DataFolder> read(Download download, String key, FileChannel manifest)
            throws IOException {
        BackupObject object = objects.get(FileManifest.NAME);
        if (object == null) {
            throw new RestoreException(
                    "backup " + backup.id() + " names no " + FileManifest.NAME,
                    "restore from another backup");
        }
        download.read(
                key,
                stored -> {
                    require(key, object, copy(stored, manifest));
                    return key;
                });
        try (InputStream proven = Channels.newInputStream(manifest.position(0))) {
            return download.decrypted(key, proven, plain -> FileManifest.read(plain, this::add));
        } catch (IOException e) {
            throw Download.damaged(key, String.valueOf(e.getMessage()), e);
        }
    }

    /** Trouble of this host's disk must not be taken for the object's. */
    private DigestStream copy(InputStream stored, FileChannel manifest) throws IOException {
        DigestStream copy = new DigestStream(Channels.newOutputStream(manifest.truncate(0)));
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int length = stored.read(buffer); length >= 0; length = stored.read(buffer)) {
            try {
                copy.write(buffer, 0, length);
            } catch (IOException e) {
                throw new ScratchException(folder, e);
            }
        }
        return copy;
    }

    private static void require(String key, BackupObject object, DigestStream copy) {
        if (copy.count() != object.size()) {
            throw Download.damaged(
                    key, copy.count() + " bytes (expected: " + object.size() + ")", null);
        }
        String found = copy.sha256Hex();
        if (!found.equals(object.sha256())) {
            throw Download.damaged(
                    key, "SHA-256 " + found + " (expected: " + object.sha256() + ")", null);
        }
    }

    private void add(ManifestEntry entry) {
        BackupObject object = objects.get(entry.bundle());
        if (object == null) {
            throw new RestoreException(
                    "manifest of backup "
                            + backup.id()
                            + ": "
                            + entry.path()
                            + " lies in "
                            + entry.bundle()
                            + ", which the backup does not name",
                    "restore from another backup");
        }
        ScratchList.Run run = files.add(entry);
        Held held = bundles.computeIfAbsent(object, _ -> new Held());
        // Usually the files of a bundle follow each other.
        held.runs.add(entry.bundle().equals(current) ? held.runs.removeLast().withNext() : run);
        held.bytes += entry.size();
        held.count++;
        current = entry.bundle();
        bytes += entry.size();
    }

    /** Parents before children. */
    public List<DataFolder> folders() {
        return folders;
    }

    /** Shows all files. */
    public void eachFile(Consumer<ManifestEntry> seen) {
        try {
            files.each(seen);
        } catch (ScratchException e) {
            throw trouble(e);
        }
    }

    public long fileCount() {
        return files.size();
    }

    /** How much room the files take. */
    public long bytes() {
        return bytes;
    }

    /** The objects that hold files, those with the most work first. */
    public List<BackupObject> bundles() {
        return bundles.entrySet().stream()
                .sorted(Comparator.comparingLong(bundle -> -bundle.getValue().work()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The object that the backup calls so. */
    public Optional<BackupObject> object(String name) {
        return Optional.ofNullable(objects.get(name));
    }

    /** Where one of them is stored. */
    public String key(BackupObject bundle) {
        return stored + bundle.name();
    }

    /** What one of them holds. */
    public List<ManifestEntry> files(BackupObject bundle) {
        List<ManifestEntry> entries = new ArrayList<>();
        try {
            Optional.ofNullable(bundles.get(bundle))
                    .ifPresent(it -> it.runs.forEach(run -> entries.addAll(files.read(run))));
        } catch (ScratchException e) {
            throw trouble(e);
        }
        return entries;
    }

    @Override
    public void close() {
        files.close();
    }
}
