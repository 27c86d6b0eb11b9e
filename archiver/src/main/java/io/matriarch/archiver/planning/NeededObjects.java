package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a plan needs and cannot have at once, going by a listing.
 *
 * @param cold what lies in an archive of the store, from which it must be thawed, in the order of
 *     their keys
 * @param lacking what is not there, or not in its size, in the order of their keys
 */
public record NeededObjects(List<ListedObject> cold, List<Damage> lacking) {

    /** Of a segment's name, so that a listing shows 4 GB of WAL. */
    private static final int LISTED_TOGETHER = 16;

    private static final int WAL_NAME = 24;

    private static final long ANY_SIZE = -1;

    public NeededObjects {
        cold = List.copyOf(cold);
        lacking = List.copyOf(lacking);
    }

    /** Asks the store where everything lies that the plan needs. */
    public static NeededObjects of(ObjectStore store, RepositoryLayout layout, RestorePlan plan) {
        SortedMap<String, Long> sizes = new TreeMap<>();
        Set<String> prefixes = new TreeSet<>();
        for (BaseBackup backup : plan.backups()) {
            String folder = layout.backupFolder(backup.id());
            prefixes.add(folder);
            for (BackupObject object : backup.objects()) {
                sizes.put(folder + object.name(), object.size());
            }
        }
        for (WalSegment segment : plan.wal()) {
            prefixes.add(
                    layout.walFolder(segment.timeline())
                            + segment.name().substring(0, LISTED_TOGETHER));
        }
        for (TimelineId timeline : plan.histories()) {
            sizes.put(layout.history(timeline), ANY_SIZE);
            prefixes.add(layout.history(timeline));
        }
        List<ListedObject> cold = new ArrayList<>();
        SortedMap<String, Damage> lacking = new TreeMap<>();
        sizes.forEach((key, size) -> lacking.put(key, missing(key, size)));
        for (String prefix : prefixes) {
            for (ListedObject object : store.list(prefix)) {
                Long size = sizes.get(object.key());
                if (size != null && (size == ANY_SIZE || size == object.size())) {
                    lacking.remove(object.key());
                } else if (size != null) {
                    lacking.put(object.key(), resized(object, size));
                }
                boolean isNeeded = size != null || isReplayed(object, layout, plan);
                if (isNeeded && !isReadable(store, object)) {
                    cold.add(object);
                }
            }
        }
        return new NeededObjects(cold, List.copyOf(lacking.values()));
    }

    private static Damage missing(String key, long size) {
        return new Damage(
                key, size == ANY_SIZE ? "missing" : "missing (expected: " + size + " bytes)", true);
    }

    private static Damage resized(ListedObject object, long size) {
        return new Damage(
                object.key(),
                "damaged: "
                        + (object.size() < size ? "truncated: " : "")
                        + object.size()
                        + " bytes (expected: "
                        + size
                        + ")");
    }

    /** There may be millions: their names are not held. */
    private static boolean isReplayed(
            ListedObject object, RepositoryLayout layout, RestorePlan plan) {
        String name = object.key().substring(object.key().lastIndexOf('/') + 1);
        return WalSegment.tryParse(
                        name.substring(0, Math.min(name.length(), WAL_NAME)),
                        plan.backup().server().walSegmentSize())
                .filter(plan.wal()::contains)
                .filter(segment -> layout.segment(segment).equals(object.key()))
                .isPresent();
    }

    private static boolean isReadable(ObjectStore store, ListedObject object) {
        return object.storage().access() == StorageClass.Access.UNTOLD
                ? store.head(object.key())
                        .map(StoredObject::storage)
                        .map(StorageClass::isReadable)
                        .orElse(true)
                : object.storage().isReadable();
    }

    /** Of what must be thawed. */
    public long coldBytes() {
        return cold.stream().mapToLong(ListedObject::size).sum();
    }
}
