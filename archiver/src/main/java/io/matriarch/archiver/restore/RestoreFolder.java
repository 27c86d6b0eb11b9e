package io.matriarch.archiver.restore;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The folder {@code pg_wal/matriarch} of a restored directory: fetched WAL, the script that hands
 * it to replay, and the note by which an unfinished restore is known again. It lies below {@code
 * pg_wal} because {@code pg_verifybackup} does not look there. It can be deleted when recovery has
 * ended.
 */
final class RestoreFolder {

    static final String FOLDER = "pg_wal/matriarch";

    private static final String NOTE = path("restore.json");

    /** Exit status 1 tells the server that the archive ends here; above 125 stops it. */
    private static final String FETCH =
            """
            #!/bin/sh
            # Hands WAL that a restore has fetched to replay: fetch <wanted file> <where to>.
            # A file that was planned and is not here stops the server: recovery must not end early.
            folder=pg_wal/matriarch
            if [ -f "$folder/$1" ]; then
                cp "$folder/$1" "$2" || exit 126
                exit 0
            fi
            [ -r "$folder/planned" ] || exit 126
            while read -r planned; do
                if [ "$planned" = "$1" ]; then
                    exit 126
                fi
            done < "$folder/planned"
            exit 1
            """;

    private final RestoredFiles files;

    RestoreFolder(RestoredFiles files) {
        this.files = files;
    }

    static String path(String name) {
        return FOLDER + "/" + name;
    }

    /**
     * What makes two restores the same.
     *
     * @param mode in words, with all its settings
     */
    record Note(
            int format,
            String backup,
            long timeline,
            String target,
            String mode,
            Map<Long, String> tablespaces) {

        static Note of(RestorePlan plan, RestoreOptions options) {
            Map<Long, String> tablespaces = new TreeMap<>();
            options.tablespaces().forEach((oid, place) -> tablespaces.put(oid, place.toString()));
            return new Note(
                    1,
                    plan.backup().id().toString(),
                    plan.timeline().value(),
                    plan.target().toString(),
                    options.mode().toString(),
                    tablespaces);
        }
    }

    /** The note that an earlier restore left in {@code directory}; empty if there is none. */
    static Optional<String> note(Path directory) {
        Path file = directory.resolve(NOTE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            throw new RestoreException(
                    "note of an earlier restore: " + file + " cannot be read: " + e.getMessage(),
                    "delete the directory, or restore into another",
                    e);
        }
    }

    static boolean isSame(String found, Note wanted) {
        return found.equals(new String(RepositoryJson.write(wanted), StandardCharsets.UTF_8));
    }

    void writeNote(Note note) throws IOException {
        files.write(NOTE, RepositoryJson.write(note), "0600");
    }

    void writeFetch(RestorePlan plan) throws IOException {
        files.write(path("fetch"), FETCH, "0700");
        String planned =
                plan.wal().stream().map(WalSegment::name).collect(Collectors.joining("\n"));
        files.write(path("planned"), planned + "\n", "0600");
    }
}
