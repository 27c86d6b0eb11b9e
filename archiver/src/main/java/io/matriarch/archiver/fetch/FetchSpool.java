package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;

/**
 * Where {@code fetch-wal} asks ({@code <name>.want}) and finds: the file itself, {@code
 * <name>.absent} or {@code <name>.error}. Emptied at every start, so that nothing of another life
 * is ever handed out.
 */
final class FetchSpool {

    private static final String WANT = ".want";

    /**
     * What is in the spool.
     *
     * @param wants what is asked for
     * @param files what lies ready
     */
    record Content(Set<WalName> wants, Set<WalName> files) {}

    private final Path directory;
    private int life;

    FetchSpool(Path spool) {
        this.directory = spool.resolve("fetch");
    }

    /**
     * Makes the spool, empty, and begins another life of it; the group may write, for PostgreSQL
     * may run as another user. Others may not even look: segments hold the content of tables.
     */
    synchronized void clear() {
        life++;
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(
                        directory, PosixFilePermissions.fromString("rwxrwx---"));
            }
            for (Path file : FolderEntries.of(directory)) {
                // A question asked before this start still waits for its answer.
                if (!file.toString().endsWith(WANT)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Content look() {
        Set<WalName> wants = new HashSet<>();
        Set<WalName> files = new HashSet<>();
        try {
            for (Path entry : FolderEntries.of(directory)) {
                String name = entry.getFileName().toString();
                if (name.endsWith(WANT)) {
                    String wanted = name.substring(0, name.length() - WANT.length());
                    WalName.tryParse(wanted)
                            .ifPresentOrElse(wants::add, () -> fail(wanted, "no file of the log"));
                } else {
                    WalName.tryParse(name).ifPresent(files::add);
                }
            }
            return new Content(wants, files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Which life of the spool this is: what was begun in an earlier one is of no use now. */
    synchronized int life() {
        return life;
    }

    /** Where a file lies until it is handed over. */
    Path incoming(WalName name) {
        return directory.resolve("." + name.text());
    }

    /** Puts a file where it is looked for, unless it was fetched for an earlier life. */
    synchronized boolean handOver(WalName name, int begun) {
        if (begun != life) {
            DurableFiles.discard(incoming(name));
            return false;
        }
        try {
            Files.move(
                    incoming(name), directory.resolve(name.text()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        delete(name.text() + WANT);
        return true;
    }

    boolean isWanted(WalName name) {
        return Files.exists(directory.resolve(name.text() + WANT));
    }

    /** The file lies ready. */
    void answered(WalName name) {
        delete(name.text() + WANT);
    }

    void absent(WalName name) {
        answer(name.text(), ".absent", "");
    }

    void fail(String name, String reason) {
        answer(name, ".error", reason + "\n");
    }

    void discard(WalName name) {
        delete(name.text());
    }

    private void answer(String name, String kind, String text) {
        try {
            WholeFiles.replace(directory.resolve(name + kind), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        delete(name + WANT);
    }

    private void delete(String name) {
        DurableFiles.discard(directory.resolve(name));
    }
}
