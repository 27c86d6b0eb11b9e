package io.matriarch.elector.member;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.datadir.WalFolder;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.FileTrees;
import io.matriarch.postgres.host.FolderEntries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WAL that a member had and the cluster has not, kept in folders beside the data directory: links
 * to its files, for there may be gigabytes. Each folder appears whole, under its name, or not at
 * all.
 */
final class KeptWal {

    private static final Logger log = LoggerFactory.getLogger(KeptWal.class);

    /** How many divergences are kept. */
    private static final int MOST = 3;

    /** Where no links can be made, so much is copied. */
    private static final long MOST_COPIED = 1L << 30;

    private static final Pattern NAME =
            Pattern.compile("divergence-epoch-([0-9]+)-timeline-[0-9]+-from-[0-9A-F]+-[0-9A-F]+");

    private static final String UNFINISHED = "unfinished-divergence";

    private final Path folder;

    KeptWal(Path folder) {
        this.folder = folder;
    }

    Optional<Path> keep(Epoch epoch, WalFolder source, DivergentWal wal) {
        String which =
                "-timeline-%s-from-%s"
                        .formatted(
                                wal.history().timeline(),
                                wal.fork().at().toString().replace('/', '-'));
        Optional<Path> known =
                places().stream()
                        .filter(place -> place.toString().endsWith(which))
                        .filter(Files::isDirectory)
                        .findFirst();
        if (known.isPresent()) {
            return known;
        }
        Path place = folder.resolve("divergence-epoch-" + epoch + which);
        List<String> divergent = source.names().stream().filter(wal::holds).toList();
        List<String> unarchived = unarchivedWithin(source, divergent);
        if (divergent.isEmpty() && unarchived.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path unfinished = empty();
            Transfer transfer = new Transfer(source.path(), unfinished);
            for (String name : divergent) {
                // The cluster may have these few too, and then a rewind writes over them.
                boolean isCopied = wal.isForking(name) || name.endsWith(".history");
                transfer.take(name, isCopied);
            }
            for (String name : unarchived) {
                transfer.take(name, false);
            }
            DurableFiles.syncFolder(unfinished);
            Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.syncFolder(folder);
            return Optional.of(place);
        } catch (IOException e) {
            throw new UncheckedIOException(source.path() + " cannot be kept in " + place, e);
        }
    }

    /**
     * Those that are not kept anyway. As links they cost nothing now and their size later, when the
     * server would have removed them; so only as long as there is room for it.
     */
    private List<String> unarchivedWithin(WalFolder source, List<String> divergent) {
        List<String> names =
                source.unarchived().stream().filter(name -> !divergent.contains(name)).toList();
        try {
            long bytes = 0;
            for (String name : names) {
                bytes += Files.size(source.path().resolve(name));
            }
            long room = Files.getFileStore(folder).getUsableSpace();
            if (bytes > room) {
                log.atWarn()
                        .addKeyValue("bytes", bytes)
                        .addKeyValue("room", room)
                        .log("too little room to keep WAL that is not archived");
                return List.of();
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path empty() throws IOException {
        Path unfinished = folder.resolve(UNFINISHED);
        if (Files.exists(unfinished)) {
            FileTrees.remove(unfinished);
        }
        Files.createDirectory(
                unfinished,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return unfinished;
    }

    /** Puts files of one folder into another, as links or as copies. */
    private static final class Transfer {
        private final Path from;
        private final Path to;
        private long copied;

        Transfer(Path from, Path to) {
            this.from = from;
            this.to = to;
        }

        void take(String name, boolean isCopied) throws IOException {
            if (isCopied) {
                copyOrElse(name);
            } else {
                linkOrElse(name);
            }
        }

        /** A disk that is full has room for a link. */
        private void copyOrElse(String name) throws IOException {
            try {
                copy(from.resolve(name), to.resolve(name));
            } catch (IOException e) {
                Files.deleteIfExists(to.resolve(name));
                Files.createLink(to.resolve(name), from.resolve(name));
            }
        }

        /** {@code pg_wal} may lie on another volume. */
        private void linkOrElse(String name) throws IOException {
            Path file = from.resolve(name);
            try {
                Files.createLink(to.resolve(name), file);
            } catch (IOException | UnsupportedOperationException e) {
                long size = Files.size(file);
                if (copied + size > MOST_COPIED) {
                    log.atWarn()
                            .addKeyValue("file", file)
                            .addKeyValue("reason", String.valueOf(e.getMessage()))
                            .log("WAL that can only be copied is too much to keep");
                    return;
                }
                copied += size;
                copy(file, to.resolve(name));
            }
        }
    }

    private static void copy(Path file, Path target) throws IOException {
        Files.copy(file, target);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /**
     * What the data directory still has under the same name after a rewind, the cluster has too. It
     * will be written to, or renamed and then written to, so no link to it may stay.
     */
    void part(WalFolder source) {
        for (Path place : places()) {
            try {
                part(place, source);
            } catch (NoSuchFileException e) {
                // It may have been too many, and is being removed.
                if (Files.exists(place)) {
                    throw new UncheckedIOException(place + " cannot be parted from pg_wal", e);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(place + " cannot be parted from pg_wal", e);
            }
        }
    }

    private static void part(Path place, WalFolder source) throws IOException {
        Set<Object> shared = new HashSet<>();
        for (String name : source.names()) {
            shared.add(key(source.path().resolve(name)));
        }
        boolean isEmpty = true;
        for (Path file : list(place)) {
            if (!shared.contains(key(file))) {
                isEmpty = false;
            } else if (Files.exists(source.path().resolve(file.getFileName()))) {
                Files.delete(file);
            } else {
                Path copy = file.resolveSibling(UNFINISHED);
                Files.deleteIfExists(copy);
                copy(file, copy);
                Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
                isEmpty = false;
            }
        }
        if (isEmpty) {
            Files.deleteIfExists(place);
        }
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** Those that are too many. */
    List<Path> oldest() {
        List<Path> places = places();
        return places.subList(0, Math.max(0, places.size() - MOST));
    }

    /** The oldest first. */
    private List<Path> places() {
        try {
            return list(folder).stream()
                    .filter(path -> NAME.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparing(KeptWal::epoch))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Epoch epoch(Path place) {
        Matcher matcher = NAME.matcher(place.getFileName().toString());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("divergence: " + place);
        }
        return Epoch.parse(matcher.group(1));
    }

    private static List<Path> list(Path folder) throws IOException {
        return FolderEntries.of(folder).stream().sorted().toList();
    }
}
