package io.matriarch.archiver.push;

import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where {@code archive-wal} waits for the word: {@code <name>.ok} once the store has confirmed,
 * {@code <name>.error} with the reason if a person is needed.
 *
 * <p>Nothing in it outlives this process: after a restart every file is compared with the store
 * anew, so that no confirmation given for other content is ever taken for a new one.
 */
final class PushSpool {

    private static final String OK = ".ok";
    private static final String ERROR = ".error";

    private final Path directory;

    PushSpool(Path spool) {
        this.directory = spool.resolve("push");
    }

    /** Makes the spool, empty. */
    void clear() {
        try {
            Files.createDirectories(directory);
            forgetAllBut(Set.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void confirm(String name) {
        write(name + OK, "");
        DurableFiles.discard(directory.resolve(name + ERROR));
    }

    void refuse(String name, String reason) {
        write(name + ERROR, reason + "\n");
    }

    void withdraw(String name) {
        DurableFiles.discard(directory.resolve(name + OK));
    }

    /** Removes what nobody waits for any more. */
    void forgetAllBut(Set<String> waiting) {
        try {
            for (Path file : FolderEntries.of(directory)) {
                String about = WholeFiles.finalName(file).replaceFirst("\\.(ok|error)$", "");
                if (!waiting.contains(about)) {
                    DurableFiles.discard(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By renaming: the waiting script never sees half a word. */
    private void write(String name, String text) {
        try {
            WholeFiles.replace(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
