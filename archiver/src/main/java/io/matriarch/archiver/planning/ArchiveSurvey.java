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
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
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

/** Looks at a repository to find out what can be restored from it. */
public final class ArchiveSurvey {

    /** In the metadata of what is archived of the log. */
    private static final String DIGEST = "content-sha256";

    private ArchiveSurvey() {}

    /**
     * Lists backups and WAL, and reads the histories; for whoever deletes what seems not needed.
     *
     * @param committed the timeline that the cluster is on, if the cluster could be asked
     * @throws RepositoryException if a history is damaged: nobody knows then what belongs together
     */
    public static ArchiveFacts of(
            ObjectStore store, RepositoryLayout layout, Optional<TimelineId> committed) {
        ArchiveFacts facts = forRestore(store, layout, committed);
        for (Damage damage : facts.damaged()) {
            if (damage.isHistory()) {
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
        List<ListedObject> listing = store.list(layout.walFolder());
        WalInventory wal = WalInventory.of(size, listing);
        Map<TimelineId, TimelineHistory> histories = new HashMap<>();
        for (TimelineId timeline : wal.histories()) {
            try {
                histories.put(timeline, history(store, layout, timeline));
            } catch (IllegalArgumentException | RepositoryException e) {
                damaged.add(damage(layout.history(timeline), e));
            }
        }
        return new ArchiveFacts(
                backups,
                wal,
                archived(layout, wal, listing),
                histories,
                begun(layout, wal, listing),
                damaged,
                committed);
    }

    /** Oldest first; one that cannot be read is told apart, for the others must stay of use. */
    private static List<BaseBackup> backups(
            ObjectStore store, RepositoryLayout layout, List<Damage> damaged) {
        List<BaseBackup> backups = new ArrayList<>();
        for (BackupId id : Backups.folders(store, layout)) {
            try {
                Backups.find(store, layout, id).ifPresent(backups::add);
            } catch (RepositoryException e) {
                damaged.add(damage(layout.backup(id), e));
            }
        }
        backups.sort(Comparator.comparing(BaseBackup::stopTime).thenComparing(BaseBackup::id));
        return backups;
    }

    /** In one line, which says once which object it is. */
    private static Damage damage(String key, RuntimeException e) {
        String reason = String.valueOf(e.getMessage()).strip().replace('\n', ' ');
        String named = "object " + key + ": ";
        return new Damage(
                key, reason.startsWith(named) ? reason.substring(named.length()) : reason);
    }

    /**
     * Reads a history.
     *
     * @throws IllegalArgumentException if it is not what was archived
     * @throws RepositoryException if it cannot be read
     */
    private static TimelineHistory history(
            ObjectStore store, RepositoryLayout layout, TimelineId timeline) {
        String key = layout.history(timeline);
        byte[] bytes = content(store, key);
        String found = Sha256.hex(bytes);
        store.head(key)
                .flatMap(object -> object.metadata().value(DIGEST))
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
                                "object " + key + ": listed, and missing",
                                "somebody deletes objects of this repository"));
    }

    private static Map<WalSegment, Instant> archived(
            RepositoryLayout layout, WalInventory wal, List<ListedObject> listing) {
        Map<String, WalSegment> ends = new HashMap<>();
        for (List<SegmentRange> ranges : wal.ranges().values()) {
            for (SegmentRange range : ranges) {
                ends.put(layout.segment(range.first()), range.first());
                ends.put(layout.segment(range.last()), range.last());
            }
        }
        Map<WalSegment, Instant> archived = new HashMap<>();
        for (ListedObject object : listing) {
            WalSegment end = ends.get(object.key());
            if (end != null) {
                archived.put(end, object.lastModified());
            }
        }
        return archived;
    }

    private static Map<TimelineId, Instant> begun(
            RepositoryLayout layout, WalInventory wal, List<ListedObject> listing) {
        Map<String, TimelineId> keys = new HashMap<>();
        wal.histories().forEach(timeline -> keys.put(layout.history(timeline), timeline));
        Map<TimelineId, Instant> begun = new HashMap<>();
        for (ListedObject object : listing) {
            TimelineId timeline = keys.get(object.key());
            if (timeline != null) {
                begun.put(timeline, object.lastModified());
            }
        }
        return begun;
    }
}
