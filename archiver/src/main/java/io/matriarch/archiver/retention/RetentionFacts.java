package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.IncrementBase;
import io.matriarch.archiver.journal.BackupStart;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What there is to keep or to delete.
 *
 * @param unfinished folders without {@code backup.json}, and when something last arrived in them
 * @param unreadable backups with a mark of which nobody knows what they need, or what became of
 *     their objects
 * @param pins what people want to stay
 * @param tombstones backups whose deletion has begun
 * @param held backups that could not be deleted, and why
 */
public record RetentionFacts(
        ArchiveFacts archive,
        Map<BackupId, Unfinished> unfinished,
        Set<BackupId> unreadable,
        Map<BackupId, Pin> pins,
        Set<BackupId> tombstones,
        Map<BackupId, String> held) {

    private static final Logger log = LoggerFactory.getLogger(RetentionFacts.class);

    /**
     * A folder without {@code backup.json}.
     *
     * @param last when something arrived in it last; the epoch if nothing is left of it
     * @param isRunning whether a member says that it is writing it
     * @param needs WAL, and perhaps another backup
     */
    public record Unfinished(Instant last, boolean isRunning, BackupStart needs) {}

    public RetentionFacts {
        unfinished = Map.copyOf(unfinished);
        unreadable = Set.copyOf(unreadable);
        pins = Map.copyOf(pins);
        tombstones = Set.copyOf(tombstones);
        held = Map.copyOf(held);
    }

    /** Only an archive, and nothing else in the repository. */
    public static RetentionFacts of(ArchiveFacts archive) {
        return new RetentionFacts(archive, Map.of(), Set.of(), Map.of(), Set.of(), Map.of());
    }

    /**
     * Looks at a repository.
     *
     * @param running backups that members are taking, as far as anybody says so
     */
    public static RetentionFacts of(
            ObjectStore store,
            RepositoryLayout layout,
            Optional<TimelineId> committed,
            Set<BackupId> running) {
        // Folders first: a backup that is completed between the two looks is then no garbage.
        Set<BackupId> folders = Backups.folders(store, layout);
        Set<BackupId> tombstones = new Tombstones(store, layout).all();
        ArchiveFacts survey = ArchiveSurvey.of(store, layout, committed);
        Set<BackupId> torn = torn(store, layout, survey.backups());
        ArchiveFacts archive = survey.without(torn);
        Set<BackupId> complete =
                archive.backups().stream().map(BaseBackup::id).collect(Collectors.toSet());
        folders.addAll(tombstones);
        folders.addAll(running);
        Map<BackupId, Unfinished> unfinished = new TreeMap<>();
        Set<BackupId> unreadable = new HashSet<>();
        for (BackupId folder : folders) {
            if (complete.contains(folder)) {
                continue;
            }
            List<ListedObject> objects = store.list(layout.backupFolder(folder));
            boolean isMarked =
                    objects.stream().anyMatch(it -> it.key().equals(layout.backup(folder)));
            boolean isBeingDeleted = torn.contains(folder) && tombstones.contains(folder);
            if (isMarked && !isBeingDeleted) {
                unreadable.add(folder);
            } else if (!objects.isEmpty()
                    || tombstones.contains(folder)
                    || running.contains(folder)) {
                unfinished.put(
                        folder,
                        new Unfinished(
                                ListedObject.lastArrival(objects),
                                running.contains(folder),
                                BackupStart.of(store, layout, folder, objects)));
            }
        }
        return new RetentionFacts(
                archive,
                unfinished,
                unreadable,
                new Pins(store, layout).all(),
                tombstones,
                Map.of());
    }

    /**
     * Backups that lack objects. What a lost object has left must not count for a restorable backup
     * in whose favour others go.
     */
    private static Set<BackupId> torn(
            ObjectStore store, RepositoryLayout layout, List<BaseBackup> backups) {
        Set<BackupId> torn = new HashSet<>();
        for (BaseBackup backup : backups) {
            Backups.firstMissing(store, layout, backup)
                    .ifPresent(missing -> {
                        log.atError()
                                .addKeyValue("backup", backup.id())
                                .addKeyValue("object", missing)
                                .log("backup lacks an object");
                        torn.add(backup.id());
                    });
        }
        return torn;
    }

    /** Backups whose base is known for good. */
    Set<BackupId> complete() {
        return archive.backups().stream()
                .map(BaseBackup::id)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** All folders of backups that were seen. */
    Set<BackupId> folders() {
        Set<BackupId> folders = new HashSet<>(unfinished.keySet());
        folders.addAll(unreadable);
        archive.backups().forEach(backup -> folders.add(backup.id()));
        return folders;
    }

    /** These backups, and all that they are based on. */
    Set<BackupId> withAncestors(Set<BackupId> some) {
        Map<BackupId, BaseBackup> byId =
                archive.backups().stream()
                        .collect(Collectors.toMap(BaseBackup::id, Function.identity()));
        Set<BackupId> all = new HashSet<>(some);
        Deque<BackupId> open = new ArrayDeque<>(some);
        while (!open.isEmpty()) {
            Optional.ofNullable(byId.get(open.remove()))
                    .flatMap(it -> it.wal().base())
                    .map(IncrementBase::backup)
                    .filter(all::add)
                    .ifPresent(open::add);
        }
        return all;
    }

    RetentionFacts holding(Map<BackupId, String> backups) {
        return new RetentionFacts(archive, unfinished, unreadable, pins, tombstones, backups);
    }

    RetentionFacts withPins(Map<BackupId, Pin> others) {
        return new RetentionFacts(archive, unfinished, unreadable, others, tombstones, held);
    }
}
