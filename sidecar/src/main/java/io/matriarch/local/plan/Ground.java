package io.matriarch.local.plan;

import io.matriarch.cli.CommandFailure;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the directory of a local cluster: folders, secrets, configuration, the programs' copies.
 * All of it can be made again over an older one; data of Postgres, of ZooKeeper and of the store is
 * never touched.
 */
public final class Ground {

    private static final Set<PosixFilePermission> PRIVATE_FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PROGRAM =
            PosixFilePermissions.fromString("rwxr-xr-x");

    private final LocalDirectory directory;
    private final RunAs runAs;

    public Ground(LocalDirectory directory, RunAs runAs) {
        this.directory = directory;
        this.runAs = runAs;
    }

    /** Refuses a directory with content that no local cluster put there; changes nothing. */
    public static void requireFreeOrOwn(LocalDirectory directory) {
        Path root = directory.root();
        if (!Files.exists(root) || Files.exists(directory.plan())) {
            return;
        }
        if (!Files.isDirectory(root)) {
            throw CommandFailure.refused(
                    "directory: " + root + " is a file", "give a directory that is new or empty");
        }
        try (Stream<Path> content = Files.list(root)) {
            if (content.findAny().isPresent()) {
                throw CommandFailure.refused(
                        "directory: " + root + " is not empty and not a local cluster's",
                        "give a directory that is new or empty");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void lay(LocalPlan plan, Installation installation) {
        LocalConfiguration configuration = new LocalConfiguration(directory, plan);
        try {
            makeRoot();
            // First of all: from here on the directory is known as a local cluster's.
            write(directory.plan(), JsonText.of(plan));
            makeDirectory(directory.scratch());
            makeDirectory(directory.zooKeeperData());
            makeStore(configuration);
            writeSecrets(plan.secrets());
            for (String member : plan.shape().memberNames()) {
                makeMember(configuration, member);
            }
            makeDirectory(directory.ambassadorState());
            write(directory.ambassadorConfiguration(), configuration.ambassador());
            for (Map.Entry<Path, Path> copy : installation.copiesFor(directory).entrySet()) {
                copyProgram(copy.getKey(), copy.getValue());
            }
            share(installation.kept(), Installation.keptIn(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void makeRoot() throws IOException {
        makeOpenParents(directory.root().getParent());
        makeDirectory(directory.root());
    }

    /** Parents made here must let the cluster's user through whatever the caller's umask says. */
    private static void makeOpenParents(@Nullable Path folder) throws IOException {
        if (folder == null || Files.exists(folder)) {
            return;
        }
        makeOpenParents(folder.getParent());
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PROGRAM);
    }

    private void makeStore(LocalConfiguration configuration) throws IOException {
        switch (configuration.plan().shape().store()) {
            case S3 -> {
                makeDirectory(directory.s3Data());
                makeDirectory(configuration.bucket());
                write(directory.s3Configuration(), configuration.s3Server());
            }
            case DIRECTORY -> makeDirectory(directory.archive());
        }
    }

    private void writeSecrets(LocalPlan.Secrets secrets) throws IOException {
        makeDirectory(directory.secrets());
        write(directory.secret("superuser"), secrets.superuser() + "\n");
        write(directory.secret("replication"), secrets.replication() + "\n");
        write(directory.secret("application"), secrets.application() + "\n");
    }

    private void makeMember(LocalConfiguration configuration, String member) throws IOException {
        LocalDirectory.Node node = directory.node(member);
        // The data directory itself is initdb's, or the clone's.
        makeDirectory(node.home());
        makeDirectory(node.control());
        forgetOrders(node.control());
        makeDirectory(node.spool());
        makeDirectory(node.socket());
        write(node.configuration(), configuration.sidecar(member));
    }

    /**
     * A control directory lies in memory where it can, and is empty after a start of the machine.
     * Here it is emptied, so that no order of an earlier life starts a Postgres that nobody has
     * looked at.
     */
    private static void forgetOrders(Path control) throws IOException {
        try (Stream<Path> content = Files.list(control)) {
            for (Path file : content.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
    }

    private void makeDirectory(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
        }
        Files.setPosixFilePermissions(folder, PRIVATE_DIRECTORY);
        runAs.own(folder);
    }

    private void write(Path file, String text) throws IOException {
        replace(file, text);
        runAs.own(file);
    }

    private void copyProgram(Path from, Path to) throws IOException {
        makeDirectory(directory.runtime());
        makeDirectory(to.resolveSibling(".").normalize());
        // With its time: the JVM knows by it the jar that something was kept for.
        Files.copy(
                from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Files.setPosixFilePermissions(to, PROGRAM);
        runAs.own(to);
    }

    /**
     * Points to what a rehearsal has kept, for it is large, and all who read the same file share
     * its memory. If a build replaces it meanwhile, a JVM goes without. It is copied for a user who
     * cannot read it where it is.
     */
    private void share(Path kept, Path place) throws IOException {
        Files.deleteIfExists(place);
        if (!Files.isReadable(kept)) {
            return;
        }
        if (runAs.succeeds("test", "-r", kept.toString())) {
            Files.createSymbolicLink(place, kept.toAbsolutePath());
        } else {
            copyProgram(kept, place);
        }
    }

    /** Replaces a private file in one step: a reader sees the old text or the new one. */
    public static void replace(Path file, String text) throws IOException {
        WholeFiles.replaceDurably(file, text, PRIVATE_FILE);
    }
}
