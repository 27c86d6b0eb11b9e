package io.matriarch.archiver.restore;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.PostmasterFile;
import io.matriarch.postgres.datadir.RunningServers;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.HeldLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A data directory that a restore is to go over: whose it is, and that nobody works in it. */
final class ExistingDirectory {

    /** Whatever else lies among the links of tablespaces is none. */
    private static final Pattern OID = Pattern.compile("[0-9]{1,10}");

    private final Path directory;
    private final RunningServers servers;

    ExistingDirectory(Path directory, RunningServers servers) {
        this.directory = directory;
        this.servers = servers;
    }

    /** Refuses what is no data directory of the cluster that the backup is of. */
    void checkIdentity(RestorePlan plan) {
        SystemIdentifier wanted = plan.backup().systemIdentifier();
        SystemIdentifier found =
                identity()
                        .orElseThrow(() ->
                                new RestoreException(
                                        "target directory: "
                                                + directory
                                                + " is no data directory (expected: one of system"
                                                + " identifier "
                                                + wanted
                                                + ")",
                                        "choose another directory; nothing was changed in this"
                                                + " one"));
        if (!found.equals(wanted)) {
            throw new RestoreException(
                    "target directory: "
                            + directory
                            + " holds system identifier "
                            + found
                            + " (expected: "
                            + wanted
                            + ")",
                    "it belongs to another cluster; nothing was changed in it");
        }
    }

    /** By its control file, also if a restore has moved it away; or by a restore's note. */
    private Optional<SystemIdentifier> identity() {
        Optional<ControlFile> control = new DataDirectory(directory).controlFile();
        if (control.isPresent()) {
            return control.map(ControlFile::systemIdentifier);
        }
        try {
            byte[] former = Files.readAllBytes(directory.resolve(Seal.FORMER_CONTROL_FILE));
            return Optional.of(ControlFile.parse(former).systemIdentifier());
        } catch (NoSuchFileException | NotDirectoryException e) {
            return RestoreFolder.systemIdentifier(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses a directory that a server works in, as far as that can be seen from here. */
    void checkNobodyThere() {
        if (servers.runsOn(directory) || hasLivePostmaster()) {
            throw busy("a server runs on it");
        }
    }

    private boolean hasLivePostmaster() {
        try {
            return PostmasterFile.of(directory).filter(PostmasterFile::isLive).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Keeps a supervisor from starting a server here, for as long as the lock is held; empty if
     * there has never been one.
     */
    Optional<HeldLock> lock() {
        Path file = directory.resolveSibling(directory.getFileName() + ".lock");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Optional<HeldLock> lock = HeldLock.tryLock(file);
            if (lock.isEmpty()) {
                throw busy("its supervisor's lock " + file + " is held");
            }
            return lock;
        } catch (IOException e) {
            throw new RestoreException(
                    "lock of the target directory: " + file + ": " + e.getMessage(),
                    "flock(1) is needed to find out whether a server runs; nothing was changed",
                    e);
        }
    }

    private RestoreException busy(String why) {
        return new RestoreException(
                "target directory: " + directory + ": " + why + " (expected: none)",
                "stop the server, and what would start it again; nothing was changed");
    }

    /** Where the tablespaces of this directory lie now, by object identifier. */
    Map<Long, Path> tablespaces() {
        Map<Long, Path> places = new LinkedHashMap<>();
        try {
            for (Path link : FolderEntries.of(directory.resolve("pg_tblspc"))) {
                String name = link.getFileName().toString();
                if (OID.matcher(name).matches() && Files.isSymbolicLink(link)) {
                    places.put(Long.parseLong(name), Files.readSymbolicLink(link));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            return places;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return places;
    }
}
