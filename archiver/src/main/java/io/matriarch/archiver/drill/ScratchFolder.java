package io.matriarch.archiver.drill;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.ServerTools;
import io.matriarch.postgres.host.DiskTrouble;
import io.matriarch.postgres.host.FileTrees;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.OwnLock;
import io.matriarch.postgres.host.Ownership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The private folder in which one drill restores. Of one that was killed it stays, perhaps with a
 * server; whoever comes next sweeps it, for the lock beside it says that nobody is at work.
 */
final class ScratchFolder {

    private static final String LOCK = ".matriarch-drill.lock";
    private static final String NAME = "matriarch-drill-";
    private static final Pattern NAMES = Pattern.compile(NAME + "[0-9a-f]{6}");

    /** The mark that somebody wants to keep it. */
    private static final String KEPT = "kept";

    /** Of the path of a Unix socket, less what is below the scratch directory. */
    private static final int LONGEST_PATH = 40;

    private final OwnLock lock;
    private final Path folder;
    private final ServerTools tools;
    private final boolean isKept;
    private final List<Path> others;

    private ScratchFolder(
            OwnLock lock, Path folder, ServerTools tools, boolean isKept, List<Path> others) {
        this.lock = lock;
        this.folder = folder;
        this.tools = tools;
        this.isKept = isKept;
        this.others = List.copyOf(others);
    }

    /**
     * Makes it, and removes what drills have left that were killed.
     *
     * @throws RestoreException if it cannot be made, or another drill is at work there
     */
    static ScratchFolder make(Path scratch, ServerTools tools, boolean isKept)
            throws InterruptedException {
        if (!Files.isDirectory(scratch)) {
            throw RestoreException.ofThisHost(
                    "scratch directory: " + scratch + " is not there (expected: a directory)",
                    "create it, or name another with --scratch-dir",
                    null);
        }
        if (scratch.toString().length() > LONGEST_PATH) {
            throw RestoreException.ofThisHost(
                    "scratch directory: %s (expected: a path of at most %d characters, for a Unix socket below it)"
                            .formatted(scratch, LONGEST_PATH),
                    "name one with a shorter path with --scratch-dir",
                    null);
        }
        try {
            OwnLock lock = locked(scratch);
            try {
                return make(scratch, tools, isKept, lock);
            } catch (IOException | RuntimeException | InterruptedException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw troubled(scratch, DiskTrouble.text(e), e);
        } catch (UncheckedIOException e) {
            throw troubled(scratch, String.valueOf(e.getMessage()), e);
        }
    }

    private static RestoreException troubled(Path place, String why, Exception cause) {
        return RestoreException.ofThisHost(
                "scratch directory: " + place + ": " + why,
                "check its file system, and who may write there",
                cause);
    }

    private static OwnLock locked(Path scratch) throws IOException {
        Path file = scratch.resolve(LOCK);
        try {
            return OwnLock.tryTake(file)
                    .orElseThrow(() ->
                            RestoreException.ofThisHost(
                                    "scratch directory: another drill is at work in "
                                            + scratch
                                            + " (expected: the lock "
                                            + file
                                            + ")",
                                    "wait for it, or name another with --scratch-dir",
                                    null));
        } catch (AccessDeniedException e) {
            throw RestoreException.ofThisHost(
                    "scratch directory: its lock " + file + " belongs to another user",
                    "name another with --scratch-dir, or run the drill as that user",
                    e);
        }
    }

    private static ScratchFolder make(Path scratch, ServerTools tools, boolean isKept, OwnLock lock)
            throws IOException, InterruptedException {
        Path folder = created(scratch);
        UserPrincipal self = Files.getOwner(folder);
        Ownership.of(tools.programs().runAs()).give(folder);
        if (isKept) {
            Files.createFile(folder.resolve(KEPT));
        }
        // Where anybody may write, others may have such names too.
        Set<UserPrincipal> ours = new HashSet<>(List.of(self, Files.getOwner(folder)));
        return new ScratchFolder(lock, folder, tools, isKept, swept(scratch, folder, tools, ours));
    }

    private static Path created(Path scratch) throws IOException {
        while (true) {
            String name = NAME + "%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
            try {
                return Files.createDirectory(
                        scratch.resolve(name),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException taken) {
                // Another name, then.
            }
        }
    }

    /** Removes what is nobody's; what somebody has kept is returned. */
    private static List<Path> swept(
            Path scratch, Path own, ServerTools tools, Set<UserPrincipal> ours)
            throws IOException, InterruptedException {
        List<Path> kept = new ArrayList<>();
        for (Path entry : FolderEntries.of(scratch)) {
            boolean isLeft =
                    NAMES.matcher(entry.getFileName().toString()).matches()
                            && !entry.equals(own)
                            && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                            && ours.contains(Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS));
            if (isLeft && Files.exists(entry.resolve(KEPT))) {
                kept.add(entry);
            } else if (isLeft) {
                tools.stopServer(data(entry));
                FileTrees.remove(entry);
            }
        }
        return kept;
    }

    private static Path data(Path folder) {
        return folder.resolve("data");
    }

    Path folder() {
        return folder;
    }

    /** Where the data directory goes. */
    Path data() {
        return data(folder);
    }

    /** Where a tablespace goes. */
    Path tablespace(long oid) {
        return folder.resolve("tablespaces").resolve(Long.toString(oid));
    }

    /** Where it will be found afterwards; empty if it will not. */
    Optional<Path> kept() {
        return isKept ? Optional.of(folder) : Optional.empty();
    }

    /** What earlier drills were told to keep. */
    List<Path> others() {
        return others;
    }

    /**
     * Stops the server, and removes all of it unless it is kept. Whoever was interrupted does so
     * too, and that before all else.
     */
    void leave() throws InterruptedException {
        boolean wasInterrupted = Thread.interrupted();
        try {
            tools.stopServer(data());
            if (!isKept) {
                FileTrees.remove(folder);
            }
        } catch (UncheckedIOException e) {
            throw troubled(folder, String.valueOf(e.getMessage()), e);
        } finally {
            unlock();
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void unlock() {
        try {
            lock.close();
        } catch (IOException e) {
            throw troubled(folder, DiskTrouble.text(e), e);
        }
    }
}
