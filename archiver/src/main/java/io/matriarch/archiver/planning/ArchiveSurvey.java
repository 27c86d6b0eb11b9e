package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.catalogue.WholeObject;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Looks at a repository to find out what can be restored from it. */
public final class ArchiveSurvey {

    /** In the metadata of what is archived of the log. */
    private static final String DIGEST = "content-sha256";

    private ArchiveSurvey() {}

    /**
     * Lists backups and WAL, and reads the histories; for whoever deletes what seems not needed.
     *
     * @param committed the timeline that the cluster is on, if the cluster could be asked
     * @throws RepositoryException if a history is damaged: nobody knows then what belongs together.
     *     One that is lost makes it unclear which timeline to follow, unless the cluster tells
     */
    public static ArchiveFacts of(
            ObjectStore store, RepositoryLayout layout, Optional<TimelineId> committed) {
        ArchiveFacts facts = forRestore(store, layout, committed);
        for (Damage damage : facts.damaged()) {
            if (damage.isHistory() && !damage.isLost()) {
                throw new RepositoryException(
                        damage.toString(),
                        "put it back from another copy, or from the pg_wal of any member");
            }
        }
        return facts;
    }

    /**
     * The same for a restore, which must not fail for what it may not need: what is damaged is told
     * among the facts.
     */
    public static ArchiveFacts forRestore(
            ObjectStore store, RepositoryLayout layout, Optional<TimelineId> committed) {
        List<Damage> damaged = new ArrayList<>();
        List<BaseBackup> backups = backups(store, layout, damaged);
        WalSegmentSize size =
                backups.isEmpty()
                        ? WalSegmentSize.DEFAULT
                        : backups.getLast().server().walSegmentSize();
        WalInventory wal = WalInventory.of(size, store, Listing.of(layout.walFolder()));
        Map<TimelineId, TimelineHistory> histories = new HashMap<>();
        Map<TimelineId, Instant> begun = new HashMap<>();
        Set<TimelineId> there = new TreeSet<>(wal.histories());
        // The listing may have passed by the place of a history that came a moment later.
        wal.ranges().keySet().stream()
                .filter(timeline -> !wal.hasHistory(timeline))
                .filter(timeline -> store.head(layout.history(timeline)).isPresent())
                .forEach(there::add);
        for (TimelineId timeline : there) {
            Optional<StoredObject> object = store.head(layout.history(timeline));
            object.ifPresent(it -> begun.put(timeline, it.lastModified()));
            try {
                histories.put(timeline, history(store, layout.history(timeline), timeline, object));
            } catch (RepositoryException e) {
                String key = layout.history(timeline);
                damaged.add(damage(key, e.reasonBeside(key)));
            } catch (IllegalArgumentException e) {
                damaged.add(damage(layout.history(timeline), String.valueOf(e.getMessage())));
            }
        }
        damaged.addAll(Damage.lostHistories(layout::history, wal, histories.values(), there));
        return new ArchiveFacts(
                backups, wal, archived(store, layout, wal), histories, begun, damaged, committed);
    }

    /**
     * The same for whoever tells what can be restored: backups that lack an object are known then.
     * It lists each backup.
     */
    public static ArchiveFacts forListing(
            ObjectStore store, RepositoryLayout layout, Optional<TimelineId> committed) {
        ArchiveFacts facts = forRestore(store, layout, committed);
        return facts.with(
                facts.backups().stream()
                        .flatMap(backup -> Backups.firstMissing(store, layout, backup).stream())
                        .map(key -> new Damage(key, "missing, or not in its size", true))
                        .toList());
    }

    /** Oldest first; one that cannot be read is told apart, for the others must stay of use. */
    private static List<BaseBackup> backups(
            ObjectStore store, RepositoryLayout layout, List<Damage> damaged) {
        List<BaseBackup> backups = new ArrayList<>();
        for (BackupId id : Backups.folders(store, layout)) {
            try {
                Backups.find(store, layout, id).ifPresent(backups::add);
            } catch (RepositoryException e) {
                damaged.add(damage(layout.backup(id), e.reasonBeside(layout.backup(id))));
            }
        }
        backups.sort(Comparator.comparing(BaseBackup::stopTime).thenComparing(BaseBackup::id));
        return backups;
    }

    /** In one line. */
    private static Damage damage(String key, String reason) {
        return new Damage(key, reason.strip().replace('\n', ' '));
    }

    /**
     * Reads a history.
     *
     * @param object what the store knows of it
     * @throws IllegalArgumentException if it is not what was archived
     * @throws RepositoryException if it cannot be read
     */
    private static TimelineHistory history(
            ObjectStore store, String key, TimelineId timeline, Optional<StoredObject> object) {
        byte[] bytes = content(store, key);
        String found = Sha256.hex(bytes);
        object.flatMap(it -> it.metadata().value(DIGEST))
                .filter(archived -> !archived.equals(found))
                .ifPresent(archived -> {
                    throw new IllegalArgumentException(
                            "damaged: SHA-256 " + found + " (expected: " + archived + ")");
                });
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException(
                    "truncated: ends within a line (expected: whole lines)");
        }
        return TimelineHistory.parse(timeline, text);
    }

    private static byte[] content(ObjectStore store, String key) {
        return WholeObject.read(store, key)
                .orElseThrow(() ->
                        new RepositoryException(
                                key,
                                "listed, and missing",
                                "somebody deletes objects of this repository",
                                null));
    }

    /** Asked for one by one: they are few, in a listing that may be of millions. */
    private static Map<WalSegment, Instant> archived(
            ObjectStore store, RepositoryLayout layout, WalInventory wal) {
        Map<WalSegment, Instant> archived = new HashMap<>();
        for (List<SegmentRange> ranges : wal.ranges().values()) {
            for (SegmentRange range : ranges) {
                // A range is pruned from its beginning: what is gone since was stored before.
                Instant last = stored(store, layout.segment(range.last())).orElse(Instant.EPOCH);
                archived.put(range.last(), last);
                if (range.count() > 1) {
                    archived.put(
                            range.first(),
                            stored(store, layout.segment(range.first())).orElse(last));
                }
            }
        }
        return archived;
    }

    private static Optional<Instant> stored(ObjectStore store, String key) {
        return store.head(key).map(StoredObject::lastModified);
    }
}
