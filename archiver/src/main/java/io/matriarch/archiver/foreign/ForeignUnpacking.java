package io.matriarch.archiver.foreign;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.restore.RestoreReport;
import io.matriarch.archiver.restore.RestoreSource;
import io.matriarch.archiver.restore.RestoredFiles;
import io.matriarch.archiver.restore.Seal;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.datadir.ControlFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks the tars of a backup; of a chain those of the full backup first, and then those of each
 * increment. The tars of one backup are unpacked side by side: no two bring the same file.
 */
final class ForeignUnpacking implements RestoreSource.Unpacking {

    private static final Logger log = LoggerFactory.getLogger(ForeignUnpacking.class);

    private static final int LARGEST_HELD = 16 << 20;
    private static final Pattern TABLESPACE = Pattern.compile("pg_tblspc/([0-9]+)(/.*)?");

    private static final Pattern LINK = Pattern.compile("pg_tblspc/[0-9]+");

    /** Of a server that ran, or was to be restored, when the backup was made. */
    private static final Set<String> UNWANTED =
            Set.of(
                    "postmaster.pid",
                    "postmaster.opts",
                    "recovery.conf",
                    "recovery.signal",
                    "standby.signal",
                    "promote");

    private final ForeignReading reading;
    private final ForeignBackup backup;
    private final Optional<FileStates> states;
    private final RestoredFiles files;
    private final TransferProgress progress;
    private final Set<String> tablespaces;
    private final ConcurrentMap<String, byte[]> held = new ConcurrentHashMap<>();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong fetched = new AtomicLong();

    /** Owns the map of folders: they are made on several threads, and parents come first. */
    private final ReentrantLock making = new ReentrantLock();

    private final Map<String, DataFolder> made = new LinkedHashMap<>();

    /**
     * @param states empty if there is no list of files: then all that the tars have is brought
     */
    ForeignUnpacking(
            ForeignReading reading,
            ForeignBackup backup,
            Optional<FileStates> states,
            RestoredFiles files,
            TransferProgress progress) {
        this.reading = reading;
        this.backup = backup;
        this.states = states;
        this.files = files;
        this.progress = progress;
        this.tablespaces =
                Set.copyOf(
                        backup.described().tablespaces().stream()
                                .map(Tablespace::oid)
                                .map(String::valueOf)
                                .toList());
    }

    @Override
    public List<List<Callable<String>>> stages() {
        List<List<Callable<String>>> stages = new ArrayList<>();
        for (int level = 0; level < backup.chain().size(); level++) {
            List<Callable<String>> stage = new ArrayList<>();
            int number = level;
            backup.chain().get(level).parts().objects().values().stream()
                    .sorted(Comparator.comparingLong(part -> -part.size()))
                    .forEach(part -> stage.add(() -> bring(number, part)));
            stages.add(stage);
        }
        return stages;
    }

    private String bring(int level, ListedObject part) {
        reading.read(
                part.key(),
                plain -> {
                    TarMembers.each(
                            plain, (path, entry, content) -> take(level, path, entry, content));
                    return part.key();
                });
        fetched.addAndGet(part.size());
        return part.key();
    }

    private boolean isLast(int level) {
        return level == backup.chain().size() - 1;
    }

    private void take(int level, String path, TarArchiveEntry entry, InputStream content)
            throws IOException {
        if (path.isEmpty() || UNWANTED.contains(path) || isOfServer(path)) {
            return;
        }
        // Refuses what leads out of the directory, whatever becomes of it.
        files.place(path);
        checkTablespace(path);
        if (entry.isDirectory()) {
            if (isLast(level)) {
                makeFolder(path, mode(entry, 0700));
            }
            return;
        }
        boolean isFile =
                !entry.isSymbolicLink()
                        && !entry.isLink()
                        && !entry.isBlockDevice()
                        && !entry.isCharacterDevice()
                        && !entry.isFIFO();
        if (!isFile) {
            log.atWarn().addKeyValue("path", path).log("no file and no directory: left out");
            return;
        }
        if (Seal.HELD.contains(path)) {
            if (isLast(level)) {
                held.put(path, content.readNBytes(LARGEST_HELD));
            }
            return;
        }
        takeFile(level, path, entry, content);
    }

    private void takeFile(int level, String path, TarArchiveEntry entry, InputStream content)
            throws IOException {
        if (states.isPresent() && !states.get().isAwaited(path, level)) {
            return;
        }
        boolean isWhole = states.isEmpty() || states.get().isWhole(path, level);
        ManifestEntry file =
                new ManifestEntry(
                        path,
                        entry.getSize(),
                        mode(entry, 0600),
                        entry.getLastModifiedTime().toInstant(),
                        "",
                        "",
                        0);
        if (isWhole) {
            int slash = path.lastIndexOf('/');
            if (slash > 0) {
                makeFolder(path.substring(0, slash), "0700");
            }
            files.write(file, content);
            count.incrementAndGet();
            bytes.addAndGet(entry.getSize());
        } else {
            PageIncrement increment = PageIncrement.read(path, entry.getSize(), content);
            files.amend(
                    file,
                    channel -> {
                        long before = channel.size();
                        increment.apply(content, channel, files.place(path));
                        bytes.addAndGet(increment.size() - before);
                    });
        }
        states.ifPresent(it -> it.came(path, level));
        long now = done.addAndGet(entry.getSize());
        progress.onBytes(now, Math.max(now, backup.described().totals().bytes()));
    }

    /** Left out by both tools; what an old version may have put in is of no use. */
    private static boolean isOfServer(String path) {
        return path.startsWith("pg_wal/") || path.startsWith("pg_replslot/");
    }

    /** What nobody has told a place for would fill the data directory's own file system. */
    private void checkTablespace(String path) {
        Matcher tablespace = TABLESPACE.matcher(path);
        if (tablespace.matches() && !tablespaces.contains(tablespace.group(1))) {
            throw new RestoreException(
                    "backup "
                            + backup.id()
                            + ": has "
                            + path
                            + ", and its sentinel tells of no tablespace "
                            + tablespace.group(1),
                    "restore from another backup, or with the tool that made this one");
        }
    }

    private static String mode(TarArchiveEntry entry, int least) {
        return "%04o".formatted((entry.getMode() & 0777) | least);
    }

    private void makeFolder(String path, String mode) throws IOException {
        making.lock();
        try {
            DataFolder known = made.get(path);
            boolean isKnown = known != null && (known.mode().equals(mode) || mode.equals("0700"));
            if (isKnown || LINK.matcher(path).matches()) {
                return;
            }
            int slash = path.lastIndexOf('/');
            if (slash > 0) {
                makeFolder(path.substring(0, slash), "0700");
            }
            DataFolder folder = new DataFolder(path, mode);
            try {
                files.folder(folder);
            } catch (IOException e) {
                throw RestoredFiles.trouble(files.place(path), e);
            }
            made.put(path, folder);
        } finally {
            making.unlock();
        }
    }

    /** Folders that were made, parents before children. */
    List<DataFolder> made() {
        making.lock();
        try {
            return List.copyOf(made.values());
        } finally {
            making.unlock();
        }
    }

    long fileCount() {
        return count.get() + held.size();
    }

    long bytes() {
        return bytes.get();
    }

    @Override
    public void finish() throws IOException {
        List<String> missing = states.map(FileStates::missing).orElse(List.of());
        if (!missing.isEmpty()) {
            throw new RestoreException(
                    "backup "
                            + backup.id()
                            + ": "
                            + missing.getFirst()
                            + (missing.size() > 1
                                    ? " and " + (missing.size() - 1) + " other files"
                                    : "")
                            + " did not come out of its tars, though listed",
                    "the directory cannot be started; restore from another backup");
        }
        checkControlFile();
        for (String each : List.of("postgresql.conf", "pg_hba.conf", "pg_ident.conf")) {
            ForeignSettings.writeIfMissing(files, each, backup.id());
        }
    }

    private void checkControlFile() {
        byte[] control = held.get(Seal.CONTROL_FILE);
        if (control == null) {
            // The seal refuses it, in its own words.
            return;
        }
        SystemIdentifier found;
        try {
            found = ControlFile.parse(control).systemIdentifier();
        } catch (RuntimeException e) {
            throw new RestoreException(
                    "backup " + backup.id() + ": pg_control: " + e.getMessage(),
                    "the directory cannot be started; restore from another backup",
                    e);
        }
        SystemIdentifier expected = backup.described().systemIdentifier();
        if (!found.equals(expected)) {
            throw new RestoreException(
                    "backup "
                            + backup.id()
                            + ": pg_control is of system "
                            + found
                            + " (expected: "
                            + expected
                            + ")",
                    "its parts do not belong together; restore from another backup");
        }
    }

    @Override
    public Map<String, byte[]> held() {
        return held;
    }

    @Override
    public RestoreReport.Transfer transfer(long removed) {
        return new RestoreReport.Transfer(0, 0, removed, fetched.get());
    }
}
