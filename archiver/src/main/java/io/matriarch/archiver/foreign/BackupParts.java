package io.matriarch.archiver.foreign;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.store.ListedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tar files of a backup, by a listing: neither tool writes down how many there are.
 *
 * @param objects by what they are called without their end, as in {@code part_001.tar}
 * @param twice called the same, with other ends
 */
record BackupParts(
        BackupId backup, SortedMap<String, ListedObject> objects, List<ListedObject> twice) {

    static final String CONTROL = "pg_control.tar";

    private static final Pattern NUMBERED = Pattern.compile("part_([0-9]{1,9})\\.tar");

    static BackupParts of(BackupId backup, List<ListedObject> listed) {
        SortedMap<String, ListedObject> objects = new TreeMap<>();
        List<ListedObject> twice = new ArrayList<>();
        for (ListedObject object : listed) {
            String name = ForeignLayout.fileName(object.key());
            if (name.endsWith(".tar") && objects.putIfAbsent(name, object) != null) {
                twice.add(object);
            }
        }
        return new BackupParts(backup, objects, twice);
    }

    long storedBytes() {
        return objects.values().stream().mapToLong(ListedObject::size).sum();
    }

    /** What a listing shows to be wrong, in words; empty if nothing is. */
    Optional<String> lacking(boolean isOfWalE) {
        if (!twice.isEmpty()) {
            return Optional.of(
                    "%s is there twice, with other ends"
                            .formatted(ForeignLayout.fileName(twice.getFirst().key())));
        }
        if (objects.keySet().stream().noneMatch(name -> NUMBERED.matcher(name).matches())) {
            return Optional.of("has no tar_partitions/part_*.tar");
        }
        if (!isOfWalE && !objects.containsKey(CONTROL)) {
            return Optional.of("tar_partitions/" + CONTROL + " is missing");
        }
        // WAL-G may skip a number; what it has made, it lists elsewhere.
        return isOfWalE ? gap(0) : Optional.empty();
    }

    /**
     * The first number that is not there though a higher one is, in words.
     *
     * @param first where numbers begin
     */
    Optional<String> gap(int first) {
        int expected = first;
        for (int number : numbers()) {
            if (number != expected) {
                return Optional.of(
                        "of tar_partitions/part_*.tar number %d is missing, and number %d is there"
                                .formatted(expected, number));
            }
            expected++;
        }
        return Optional.empty();
    }

    private List<Integer> numbers() {
        return objects.keySet().stream()
                .map(NUMBERED::matcher)
                .filter(Matcher::matches)
                .map(matcher -> Integer.parseInt(matcher.group(1)))
                .sorted()
                .toList();
    }
}
