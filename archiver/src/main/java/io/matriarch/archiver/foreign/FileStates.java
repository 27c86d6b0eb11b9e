package io.matriarch.archiver.foreign;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.matriarch.archiver.foreign.ForeignBackup.Link;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which file comes from which backups of a chain, by the lists that WAL-G makes: whole from one,
 * and its changed pages from later ones. What the last list does not have was gone by then.
 *
 * <p>The lists may be larger than memory and are read as streams; for each file of the last one,
 * its path and 64 bits are held: the lower half tells which backups bring something of it, the
 * upper which have.
 */
final class FileStates {

    private static final int HALF = 32;
    private static final long LOWER = 0xFFFF_FFFFL;

    private final ConcurrentMap<String, Long> states = new ConcurrentHashMap<>();

    /** Files of which a part lies in a backup further up. */
    private final Set<String> open = new HashSet<>();

    /** The tars that each backup's list names; none where it does not. */
    private final Map<Integer, Set<String>> tars = new HashMap<>();

    private FileStates() {}

    /**
     * Reads all the lists of a chain, whose last has one.
     *
     * @throws RestoreException if they do not fit together
     */
    static FileStates read(ForeignReading reading, List<Link> chain) {
        FileStates states = new FileStates();
        int last = chain.size() - 1;
        for (int level = last; level == last || (level >= 0 && !states.open.isEmpty()); level--) {
            states.readLevel(reading, chain.get(level), level, level == last);
        }
        if (!states.open.isEmpty()) {
            throw contradiction(
                    chain.getFirst(), states.open.iterator().next(), states.open.size());
        }
        return states;
    }

    private void readLevel(ForeignReading reading, Link link, int level, boolean isLast) {
        String key =
                switch (link.sentinel().files()) {
                    case BESIDE -> ForeignLayout.filesMetadata(link.id());
                    case HERE -> ForeignLayout.sentinel(link.id());
                    case NONE ->
                            throw new RestoreException(
                                    "backup "
                                            + link.id()
                                            + ": was made without a list of its files, and an"
                                            + " increment of it needs one",
                                    "restore from a full backup");
                };
        Set<String> unseen = new HashSet<>(open);
        Set<String> named = new HashSet<>();
        boolean isListed =
                reading.read(
                        key,
                        plain ->
                                parse(
                                        plain,
                                        (path, isIncremented, isSkipped) -> {
                                            unseen.remove(path);
                                            see(path, level, isLast, isIncremented, isSkipped);
                                        },
                                        named));
        if (!isListed) {
            throw new RestoreException(
                    "object " + key + ": has no list of files (expected: Files)",
                    "restore from another backup");
        }
        if (!unseen.isEmpty()) {
            throw contradiction(link, unseen.iterator().next(), unseen.size());
        }
        tars.put(level, named);
    }

    private static RestoreException contradiction(Link link, String path, int count) {
        return new RestoreException(
                "backup "
                        + link.id()
                        + ": has no "
                        + path
                        + (count > 1 ? " nor " + (count - 1) + " other files" : "")
                        + " in whole, though an increment builds upon it",
                "the backups of this chain do not belong together; restore from another one");
    }

    private void see(
            String path, int level, boolean isLast, boolean isIncremented, boolean isSkipped) {
        if (!isLast && !open.contains(path)) {
            return;
        }
        long brings = isSkipped ? 0 : 1L << level;
        states.merge(path, brings, (known, more) -> known | more);
        if (isIncremented || isSkipped) {
            open.add(path);
        } else {
            open.remove(path);
        }
    }

    private interface Seen {
        void file(String path, boolean isIncremented, boolean isSkipped);
    }

    /** Whether there was a list. */
    private static boolean parse(InputStream json, Seen seen, Set<String> tars) throws IOException {
        boolean isListed = false;
        try (JsonParser parser = RepositoryJson.mapper().createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                boolean isObject = parser.nextToken() == JsonToken.START_OBJECT;
                if (isObject && field.equals("Files")) {
                    files(parser, seen);
                    isListed = true;
                } else if (isObject && field.equals("TarFileSets")) {
                    while (parser.nextToken() == JsonToken.FIELD_NAME) {
                        tars.add(ForeignLayout.fileName(parser.currentName()));
                        parser.nextToken();
                        parser.skipChildren();
                    }
                } else {
                    parser.skipChildren();
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT) {
                throw new IOException("ends within the list of files");
            }
        }
        return isListed;
    }

    private static void files(JsonParser parser, Seen seen) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String path = TarMembers.path(parser.currentName());
            boolean isIncremented = false;
            boolean isSkipped = false;
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (field) {
                    case "IsIncremented" -> isIncremented = value == JsonToken.VALUE_TRUE;
                    case "IsSkipped" -> isSkipped = value == JsonToken.VALUE_TRUE;
                    default -> parser.skipChildren();
                }
            }
            seen.file(path, isIncremented, isSkipped);
        }
    }

    /** The tars that a backup's own list names; empty if it names none, or was not needed. */
    Set<String> tars(int level) {
        return tars.getOrDefault(level, Set.of());
    }

    /** Whether a backup brings something of a file that has not been brought yet. */
    boolean isAwaited(String path, int level) {
        long state = states.getOrDefault(path, 0L);
        return (state >>> level & 1) == 1 && (state >>> (HALF + level) & 1) == 0;
    }

    /** Whether that is the file itself, and no increment. */
    boolean isWhole(String path, int level) {
        return Long.numberOfTrailingZeros(states.getOrDefault(path, 0L)) == level;
    }

    /** Notes down that it was brought. */
    void came(String path, int level) {
        states.computeIfPresent(path, (_, state) -> state | 1L << (HALF + level));
    }

    /** Files of which something has not been brought. */
    List<String> missing() {
        return states.entrySet().stream()
                .filter(it -> (it.getValue() & LOWER) != it.getValue() >>> HALF)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }
}
