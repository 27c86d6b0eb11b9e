package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.RunningServers;
import io.matriarch.postgres.host.DiskRoom;
import io.matriarch.postgres.host.DiskTrouble;
import io.matriarch.postgres.host.HeldLock;
import io.matriarch.postgres.host.OwnLock;
import io.matriarch.postgres.host.Ownership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at the places where a restore is to go, before anything is written. */
final class TargetDirectory {

    private final RestorePlan plan;
    private final RestoreOptions options;
    private final RunningServers servers;
    private final ExistingDirectory existing;

    TargetDirectory(RestorePlan plan, RestoreOptions options) {
        this.plan = plan;
        this.options = options;
        this.servers = RunningServers.ofThisHost();
        this.existing = new ExistingDirectory(options.directory(), servers);
    }

    /** What the directory is for this restore. */
    enum State {
        /** Absent or empty, or all that is in it is a note that a restore began to write. */
        FRESH,
        /** Begun by the same restore. */
        UNFINISHED,
        /** Begun by a restore of the same backup to another end: its WAL is not ours. */
        REDIRECTED,
        /** Finished by the same restore. */
        COMPLETE,
        /** A data directory of the same cluster, which a restore may go over. */
        OCCUPIED
    }

    /**
     * Refuses whatever is not empty, unless it was left by this very restore, or may be gone over.
     */
    State check() {
        try {
            return state();
        } catch (UncheckedIOException e) {
            throw hidden(options.directory(), e);
        }
    }

    private State state() {
        Path directory = options.directory();
        if (new DataDirectory(directory).isEmpty() || RestoreFolder.isAllThereIs(directory)) {
            checkParent(directory);
            checkApart(directory);
            checkTablespaces();
            return State.FRESH;
        }
        Optional<RestoreFolder.Note> note =
                Files.isDirectory(directory) ? RestoreFolder.read(directory) : Optional.empty();
        RestoreFolder.Note wanted = RestoreFolder.Note.of(plan, options);
        boolean isOurs = note.filter(wanted::equals).isPresent();
        if (note.filter(wanted::isOfTheSameFiles).isPresent() && !Seal.isSealed(directory)) {
            return isOurs ? State.UNFINISHED : State.REDIRECTED;
        }
        if (isOurs && (!options.isDelta() || Seal.isUntouched(directory, options.mode()))) {
            return State.COMPLETE;
        }
        if (!options.isDelta()) {
            throw note.isEmpty() ? notEmpty(directory) : another(directory, note.get(), wanted);
        }
        existing.checkIdentity(plan);
        existing.checkNobodyThere();
        existing.lock().ifPresent(HeldLock::close);
        checkTablespaces();
        checkLog();
        return State.OCCUPIED;
    }

    /**
     * One restore into the directory at a time. Without it a command that is repeated while the
     * first one still runs, of which nobody sees anything any more, would write over a server
     * already started.
     */
    OwnLock claim() throws IOException {
        Path file = claimFile(options.directory());
        OwnLock lock = taken(file).orElseThrow(() -> claimed(file));
        try {
            // Whoever the directory is for may want to go over it later.
            if (options.owner().isPresent()) {
                Ownership.of(options.owner()).give(file);
            } else {
                Ownership.asOfItsFolder(file);
            }
        } catch (IOException e) {
            lock.close();
            throw e;
        }
        return lock;
    }

    private Optional<OwnLock> taken(Path file) throws IOException {
        try {
            return OwnLock.tryTake(file);
        } catch (AccessDeniedException e) {
            throw RestoreException.ofThisHost(
                    "target directory: "
                            + options.directory()
                            + ": its lock "
                            + file
                            + " belongs to another user",
                    "delete that file if no restore runs there, or restore as that user",
                    e);
        }
    }

    private RestoreException claimed(Path file) {
        return RestoreException.ofThisHost(
                "target directory: "
                        + options.directory()
                        + " is being restored into by another process (expected: the lock "
                        + file
                        + ")",
                "wait for it, or end it: 'fuser " + file + "' tells which process it is",
                null);
    }

    /** Beside the directory, for a server finds only its own files in it; else where anyone may. */
    private static Path claimFile(Path asked) {
        // By whichever way one comes to it, it is the same lock.
        Path directory = RunningServers.real(asked);
        Path parent = directory.getParent();
        return parent != null && Files.isWritable(parent)
                ? parent.resolve("." + directory.getFileName() + ".restoring")
                : Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "matriarch" + directory.toString().replace('/', '.') + ".restoring");
    }

    /** Keeps others from starting a server meanwhile, where there is a lock for that. */
    Optional<HeldLock> lock() {
        return options.isDelta() ? existing.lock() : Optional.empty();
    }

    private static RestoreException hidden(Path directory, Exception e) {
        String why =
                Objects.requireNonNullElse(e.getCause(), e) instanceof IOException trouble
                        ? DiskTrouble.text(trouble)
                        : String.valueOf(e.getMessage());
        return RestoreException.ofThisHost(
                "target directory: " + directory + " cannot be looked at: " + why,
                "check its file system, and who may read it; nothing was changed",
                e);
    }

    private static RestoreException notEmpty(Path directory) {
        return new RestoreException(
                "target directory: " + directory + " is not empty (expected: absent or empty)",
                "choose another directory, or --delta to go over a data directory of this cluster;"
                        + " nothing was changed in this one");
    }

    private static RestoreException another(
            Path directory, RestoreFolder.Note begun, RestoreFolder.Note wanted) {
        return new RestoreException(
                "target directory: %s holds a restore of backup %s along timeline %d, and not what is asked for: %s"
                        .formatted(
                                directory,
                                begun.backup(),
                                begun.timeline(),
                                String.join(", ", wanted.differencesOf(begun))),
                "repeat that one (--backup "
                        + begun.backup()
                        + " --timeline "
                        + begun.timeline()
                        + " and its other options), go over it with --delta, delete the directory,"
                        + " or choose another; nothing was changed");
    }

    /** Where each tablespace goes. */
    Map<Long, Path> tablespaces() {
        Map<Long, Path> places = new LinkedHashMap<>();
        Map<Long, Path> now = options.isDelta() ? existing.tablespaces() : Map.of();
        List<Long> unknown = new ArrayList<>(options.tablespaces().keySet());
        for (Tablespace tablespace : plan.backup().tablespaces()) {
            places.put(tablespace.oid(), place(tablespace, now));
            unknown.remove(tablespace.oid());
        }
        if (!unknown.isEmpty()) {
            throw new RestoreException(
                    "tablespaces to be moved: " + unknown + " (expected: of " + places + ")",
                    "see the backup's list of tablespaces");
        }
        return places;
    }

    /** As asked for; else where the directory has it already; else where the cluster had it. */
    private Path place(Tablespace tablespace, Map<Long, Path> now) {
        Path asked = options.tablespaces().get(tablespace.oid());
        Path place =
                asked == null
                        ? now.getOrDefault(tablespace.oid(), Path.of(tablespace.location()))
                        : asked;
        return place.toAbsolutePath().normalize();
    }

    private static void checkParent(Path directory) {
        Path parent = directory.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw RestoreException.ofThisHost(
                    "target directory: " + directory + ": its parent is not a directory",
                    "create " + parent + " first",
                    null);
        }
        Path changed = Files.exists(directory) ? directory : parent;
        if (!Files.isWritable(changed)) {
            throw RestoreException.ofThisHost(
                    "target directory: " + directory + ": nothing can be written into " + changed,
                    "check who may write there, and whether its file system is read-only",
                    null);
        }
    }

    /** A new directory among the files of another server would be taken for one of these. */
    private void checkApart(Path directory) {
        if (Files.isSymbolicLink(directory) && !Files.exists(directory)) {
            throw new RestoreException(
                    "target directory: "
                            + directory
                            + " is a symbolic link to what does not exist (expected: a directory)",
                    "create the directory that it names, or remove the link");
        }
        Path real = RunningServers.real(directory);
        Optional<Path> around =
                dataDirectoryAround(real).or(() -> servers.userOf(directory, directory));
        if (around.isPresent()) {
            throw new RestoreException(
                    "target directory: "
                            + directory
                            + " lies within the data of "
                            + around.get()
                            + " (expected: apart from every data directory)",
                    "choose another directory; nothing was changed in this one");
        }
    }

    /** Links of a backup may lead into the data of a server that is alive. */
    private void checkTablespaces() {
        Map<Long, Path> now = options.isDelta() ? existing.tablespaces() : Map.of();
        List<Path> others = new ArrayList<>();
        tablespaces()
                .forEach((oid, place) -> {
                    Path own = now.get(oid);
                    checkTablespace(place, own != null && own.normalize().equals(place));
                    Path real = RunningServers.real(place);
                    for (Path other : others) {
                        if (isWithin(real, other)) {
                            throw refused(place, "lies at or within another one, " + other);
                        }
                    }
                    others.add(real);
                });
        // What the backup does not have is cleared too, so it must be nobody else's either.
        now.values().forEach(this::checkNobodyElses);
        for (Tablespace made : plan.madeByReplay()) {
            checkMadeByReplay(made, now.get(made.oid()));
        }
    }

    /** Replay takes what it finds there for its own, and it may be the original's. */
    private void checkMadeByReplay(Tablespace made, @Nullable Path own) {
        Path place = Path.of(made.location());
        boolean isCleared = own != null && own.normalize().equals(place.normalize());
        Optional<String> trouble =
                servers.userOf(place, options.directory())
                        .map(user -> "belongs to the server that runs on " + user)
                        .or(() ->
                                isCleared || new DataDirectory(place).isEmpty()
                                        ? Optional.empty()
                                        : Optional.of("is not empty"));
        if (trouble.isPresent()) {
            throw RestoreException.ofThisHost(
                    "tablespace directory: "
                            + place
                            + " "
                            + trouble.get()
                            + ", and replay will make the tablespace "
                            + made.name()
                            + " there, which was made after backup "
                            + plan.backup().id(),
                    "restore from a later backup, with --tablespace-mapping, or to a target before"
                            + " it was made, or on another host; nothing was changed",
                    null);
        }
    }

    private void checkTablespace(Path place, boolean isOwn) {
        Path real = RunningServers.real(place);
        checkNobodyElses(place);
        if (!isOwn && !new DataDirectory(place).isEmpty()) {
            throw refused(place, "is not empty");
        }
        if (isWithin(real, RunningServers.real(options.directory()))
                || dataDirectoryAround(real).isPresent()) {
            throw refused(place, "lies within a data directory");
        }
    }

    /** In a copy of a data directory the link still leads to where the original has its log. */
    private void checkLog() {
        Path log = options.directory().resolve("pg_wal");
        servers.userOf(log, options.directory())
                .ifPresent(user -> {
                    throw new RestoreException(
                            "target directory: its pg_wal leads to "
                                    + RunningServers.real(log)
                                    + ", which belongs to the server that runs on "
                                    + user
                                    + " (expected: a place of its own)",
                            "let the link lead elsewhere, or make pg_wal a directory; nothing was"
                                    + " changed");
                });
    }

    private void checkNobodyElses(Path place) {
        servers.userOf(place, options.directory())
                .ifPresent(user -> {
                    throw refused(place, "belongs to the server that runs on " + user);
                });
    }

    private static boolean isWithin(Path one, Path other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    private static RestoreException refused(Path place, String why) {
        return new RestoreException(
                "tablespace directory: "
                        + place
                        + " "
                        + why
                        + " (expected: absent or empty, and apart)",
                "map the tablespace to another directory with --tablespace-mapping; nothing was"
                        + " changed in this one");
    }

    private static Optional<Path> dataDirectoryAround(Path place) {
        for (Path up = place.getParent(); up != null; up = up.getParent()) {
            if (Files.exists(up.resolve("PG_VERSION"))
                    && Files.exists(up.resolve("global/pg_control"))) {
                return Optional.of(up);
            }
        }
        return Optional.empty();
    }

    /** Compares what will be written with the room that there is, for each file system. */
    void checkRoom(RestoreSource.BackupFiles contents, long walBytes) {
        if (!options.isRoomChecked()) {
            return;
        }
        Map<Long, Path> tablespaces = tablespaces();
        DiskRoom room = new DiskRoom();
        contents.eachFile((path, size) -> room.add(placeOf(path, tablespaces), size));
        Path wal = options.directory().resolve("pg_wal");
        room.add(wal, walBytes);
        // What is there is kept, replaced or removed.
        room.add(options.directory(), -used(options.directory()));
        tablespaces.values().forEach(place -> room.add(place, -used(place)));
        if (Files.isSymbolicLink(wal)) {
            room.add(wal, -used(wal));
        }
        List<DiskRoom.Shortage> shortages = room.shortages();
        if (!shortages.isEmpty()) {
            throw RestoreException.ofThisHost(
                    shortages.stream()
                            .map(TargetDirectory::words)
                            .collect(Collectors.joining("; ")),
                    "free some room, choose directories on other disks, or go on all the same with"
                            + " --no-space-check",
                    null);
        }
    }

    private static String words(DiskRoom.Shortage shortage) {
        return "room for "
                + shortage.places().stream().map(Path::toString).collect(Collectors.joining(", "))
                + ": "
                + shortage.free()
                + " bytes (expected: at least "
                + shortage.needed()
                + ")";
    }

    private static long used(Path place) {
        Path real = RunningServers.real(place);
        if (!Files.isDirectory(real)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(real)) {
            return all.filter(it -> Files.isRegularFile(it, LinkOption.NOFOLLOW_LINKS))
                    .mapToLong(it -> it.toFile().length())
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            throw hidden(place, e);
        }
    }

    private Path placeOf(String path, Map<Long, Path> tablespaces) {
        if (!path.startsWith("pg_tblspc/")) {
            return options.directory();
        }
        String oid = path.split("/", 3)[1];
        return tablespaces.getOrDefault(Long.parseLong(oid), options.directory());
    }
}
