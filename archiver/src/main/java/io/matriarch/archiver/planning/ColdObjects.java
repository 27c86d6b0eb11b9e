package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a plan needs and the store does not hand out at once, because it lies in an archive from
 * which it must be thawed.
 *
 * @param objects in the order of their keys
 */
public record ColdObjects(List<ListedObject> objects) {

    /** Of a segment's name, so that a listing shows 4 GB of WAL. */
    private static final int LISTED_TOGETHER = 16;

    private static final int WAL_NAME = 24;

    public ColdObjects {
        objects = List.copyOf(objects);
    }

    /** Asks the store where everything lies that the plan needs. */
    public static ColdObjects of(ObjectStore store, RepositoryLayout layout, RestorePlan plan) {
        Set<String> needed = new HashSet<>();
        Set<String> prefixes = new TreeSet<>();
        String backup = layout.backupFolder(plan.backup().id());
        prefixes.add(backup);
        for (BackupObject object : plan.backup().objects()) {
            needed.add(backup + object.name());
        }
        for (WalSegment segment : plan.wal()) {
            prefixes.add(
                    layout.walFolder(segment.timeline())
                            + segment.name().substring(0, LISTED_TOGETHER));
        }
        for (TimelineId timeline : plan.histories()) {
            needed.add(layout.history(timeline));
            prefixes.add(layout.history(timeline));
        }
        List<ListedObject> cold = new ArrayList<>();
        for (String prefix : prefixes) {
            for (ListedObject object : store.list(prefix)) {
                boolean isNeeded =
                        needed.contains(object.key()) || isReplayed(object, layout, plan);
                if (isNeeded && !isReadable(store, object)) {
                    cold.add(object);
                }
            }
        }
        return new ColdObjects(cold);
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

    public long bytes() {
        return objects.stream().mapToLong(ListedObject::size).sum();
    }
}
