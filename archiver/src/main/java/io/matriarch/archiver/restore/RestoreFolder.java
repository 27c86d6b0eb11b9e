package io.matriarch.archiver.restore;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
public final class RestoreFolder {

    public static final String FOLDER = "pg_wal/matriarch";

    static final String NOTE = path("restore.json");

    /** With this file the script gives segments away, and asks for those that are not there. */
    private static final String STREAMED = path("streamed");

    /** Exit status 1 tells the server that the archive ends here; above 125 stops it. */
    private static final String FETCH =
            """
            #!/bin/sh
            # Hands WAL that a restore fetches to replay: fetch <wanted file> <where to>.
            # A file that was planned and does not come stops the server, and so does an end of the log
            # before the end of the plan: recovery must not end early.
            folder=pg_wal/matriarch
            name=$1
            target=$2

            is_planned() {
                while read -r planned; do
                    if [ "$planned" = "$name" ]; then
                        return 0
                    fi
                done < "$folder/planned"
                return 1
            }

            hand_over() {
                case $name in
                *.history) cp "$folder/$name" "$target" ;;
                *)
                    note
                    if [ -e "$folder/streamed" ]; then
                        mv -f "$folder/$name" "$target"
                    else
                        cp "$folder/$name" "$target"
                    fi ;;
                esac
            }

            last=
            promotion=
            if [ -r "$folder/last" ]; then
                { read -r last; read -r promotion; } < "$folder/last"
            fi

            note() {
                printf '%s\n' "$name" > "$folder/asked"
                if [ "$name" = "$last" ]; then
                    printf '%s\n' "$name" > "$folder/reached"
                fi
            }

            # The server asks for this history when it has found the end of the log, and promotes.
            if [ "$name" = "$promotion" ]; then
                reached=
                if [ -r "$folder/reached" ]; then
                    read -r reached < "$folder/reached"
                fi
                if [ "$reached" != "$last" ]; then
                    echo "replay has ended before it came to $last: not promoting" >&2
                    exit 126
                fi
            fi

            if [ -f "$folder/$name" ]; then
                hand_over || exit 126
                exit 0
            fi
            [ -r "$folder/planned" ] || exit 126
            is_planned || exit 1
            [ -e "$folder/streamed" ] || exit 126

            # Whoever brings it takes the question away; one that stays is nobody's.
            trap 'rm -f "$folder/$name.want"' EXIT
            rm -f "$folder/$name.error"
            : > "$folder/$name.want" || exit 126
            rounds=0
            while :; do
                if [ -f "$folder/$name" ]; then
                    hand_over || exit 126
                    exit 0
                fi
                if [ -f "$folder/$name.error" ]; then
                    cat "$folder/$name.error" >&2
                    exit 126
                fi
                rounds=$((rounds + 1))
                if [ $((rounds % 250)) -eq 0 ]; then
                    if [ -e "$folder/$name.want" ]; then
                        echo "nobody brings $name: run the same restore again" >&2
                        exit 126
                    fi
                    : > "$folder/$name.want"
                fi
                kill -0 "$PPID" 2> /dev/null || exit 126
                sleep 0.02
            done
            """;

    private final RestoredFiles files;

    RestoreFolder(RestoredFiles files) {
        this.files = files;
    }

    /** A name in it, relative to the data directory. */
    public static String path(String name) {
        return FOLDER + "/" + name;
    }

    /**
     * What makes two restores the same.
     *
     * @param mode in words, with all its settings
     * @param isDelta whether there may be files of before, which another restore would keep
     */
    record Note(
            int format,
            SystemIdentifier systemIdentifier,
            String backup,
            long timeline,
            String target,
            String mode,
            Map<Long, String> tablespaces,
            boolean isDelta) {

        static Note of(RestorePlan plan, RestoreOptions options) {
            Map<Long, String> tablespaces = new TreeMap<>();
            options.tablespaces().forEach((oid, place) -> tablespaces.put(oid, place.toString()));
            return new Note(
                    1,
                    plan.backup().systemIdentifier(),
                    plan.backup().id().toString(),
                    plan.timeline().value(),
                    plan.target().toString(),
                    options.mode().toString(),
                    tablespaces,
                    options.isDelta());
        }

        /** Whether both bring the same files: what is in place counts, however it is replayed. */
        boolean isOfTheSameFiles(Note other) {
            return format == other.format
                    && systemIdentifier.equals(other.systemIdentifier)
                    && backup.equals(other.backup)
                    && tablespaces.equals(other.tablespaces)
                    && isDelta == other.isDelta;
        }

        /** In what another restore differs from this one, in words. */
        List<String> differencesOf(Note other) {
            List<String> found = new ArrayList<>();
            differ(found, "backup " + backup, "backup " + other.backup);
            differ(found, "timeline " + timeline, "timeline " + other.timeline);
            differ(found, "tablespaces at " + tablespaces, "tablespaces at " + other.tablespaces);
            if (!target.equals(other.target)) {
                found.add("another recovery target");
            }
            if (!mode.equals(other.mode)) {
                found.add("another action at the target, port or primary");
            }
            if (isDelta != other.isDelta) {
                found.add(isDelta ? "begun without --delta" : "begun with --delta");
            }
            return found;
        }

        private static void differ(List<String> found, String one, String other) {
            if (!one.equals(other)) {
                found.add(one + " instead of " + other);
            }
        }
    }

    /** The backup that a restore into {@code directory} was begun with and has not ended. */
    public static Optional<BackupId> begun(Path directory) {
        boolean isEnded = Seal.isSealed(directory) && !Seal.isRecovering(directory);
        return isEnded
                ? Optional.empty()
                : read(directory).map(begun -> new BackupId(begun.backup()));
    }

    /** Whether no more is there than a restore makes that is ended before it has its note. */
    static boolean isAllThereIs(Path directory) {
        Path log = directory.resolve("pg_wal");
        Path folder = directory.resolve(FOLDER);
        return holdsAtMost(directory, log)
                && (!Files.exists(log) || holdsAtMost(log, folder))
                && (!Files.exists(folder)
                        || holdsAtMost(folder, RestoredFiles.beside(directory.resolve(NOTE))));
    }

    private static boolean holdsAtMost(Path folder, Path entry) {
        try {
            return FolderEntries.of(folder).stream().allMatch(entry::equals);
        } catch (NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The note, if there is one. */
    static Optional<Note> read(Path directory) {
        return note(directory)
                .map(text ->
                        RepositoryJson.read(
                                text.getBytes(StandardCharsets.UTF_8), Note.class, NOTE));
    }

    /** The note that an earlier restore left in {@code directory}; empty if there is none. */
    private static Optional<String> note(Path directory) {
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

    /** Whose backup an earlier restore was of, if its note says so. */
    static Optional<SystemIdentifier> systemIdentifier(Path directory) {
        return read(directory).map(Note::systemIdentifier);
    }

    /** Removes what another restore has left; its note is replaced at once, and stays till then. */
    void empty() throws IOException {
        for (Path entry : FolderEntries.of(files.place(FOLDER))) {
            if (!entry.endsWith(NOTE)) {
                Files.delete(entry);
            }
        }
    }

    /**
     * Removes what a run that was killed has not brought to its end; nobody else may write here.
     */
    void sweep() throws IOException {
        for (Path entry : FolderEntries.of(files.place(FOLDER))) {
            if (isHalfDone(entry) && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(entry);
            }
        }
    }

    private static boolean isHalfDone(Path entry) {
        return ArchivedWal.isPart(entry)
                || PlannedWal.isStaged(entry)
                || !entry.endsWith(WholeFiles.finalName(entry));
    }

    void writeNote(Note note) throws IOException {
        files.write(NOTE, RepositoryJson.write(note), "0600");
    }

    /**
     * Writes the script.
     *
     * @param isStreamed whether segments go on coming while the server replays; else all are there
     */
    void writeFetch(RestorePlan plan, boolean isStreamed) throws IOException {
        String planned =
                plan.wal().stream().map(WalSegment::name).collect(Collectors.joining("\n"));
        files.write(path("planned"), planned + "\n", "0600");
        new PlannedEnd(files).write(plan);
        if (isStreamed) {
            files.write(STREAMED, "", "0600");
        } else {
            Path streamed = files.place(STREAMED);
            if (Files.deleteIfExists(streamed)) {
                DurableFiles.syncName(streamed);
            }
        }
        files.write(path("fetch"), FETCH, "0700");
    }

    /** Whether the restore was left while segments were still to come. */
    static boolean isStreamed(Path directory) {
        return Files.exists(directory.resolve(STREAMED));
    }
}
