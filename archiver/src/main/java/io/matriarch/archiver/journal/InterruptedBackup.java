package io.matriarch.archiver.journal;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.host.ScratchList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run that was killed has left in its folder.
 *
 * @param bundles that its journal tells of and the store still has, the latest first
 * @param nextBundle a number above those of all bundles in the folder
 * @param nextPage a number above those of all pages of the journal
 */
public record InterruptedBackup(
        BackupId id, List<LeftBundle> bundles, int nextBundle, int nextPage) {

    /**
     * A bundle that was confirmed.
     *
     * @param files which of those that were read from the journal are in it
     */
    public record LeftBundle(BackupObject object, ScratchList.Run files) {}

    /**
     * Folders in which nothing arrived for longer are left alone: pruning deletes them after twice
     * that time, and must not do so under the hands of the one who takes over.
     */
    public static final Duration RESUMABLE = Duration.ofHours(12);

    private static final Logger log = LoggerFactory.getLogger(InterruptedBackup.class);

    public InterruptedBackup {
        bundles = List.copyOf(bundles);
    }

    /**
     * Looks for the latest that {@code member} has left on {@code timeline}. One whose manifest is
     * there already is not taken: that object cannot be written anew.
     *
     * @param files holds what the journal tells of files
     */
    public static Optional<InterruptedBackup> find(
            ObjectStore store,
            RepositoryLayout layout,
            String member,
            TimelineId timeline,
            Instant now,
            ScratchList<ManifestEntry> files) {
        List<Folder> folders = new ArrayList<>();
        Set<BackupId> deleted = new Tombstones(store, layout).all();
        for (BackupId id : Backups.folders(store, layout)) {
            if (!deleted.contains(id) && store.head(layout.backup(id)).isEmpty()) {
                Folder folder = new Folder(id, store.list(layout.backupFolder(id)));
                if (folder.isResumable(layout, now)) {
                    folders.add(folder);
                }
            }
        }
        folders.sort(Comparator.comparing(Folder::lastArrival).reversed());
        return folders.stream()
                .flatMap(folder -> folder.read(store, layout, member, timeline, files).stream())
                .findFirst();
    }

    /** A folder without a mark. */
    private record Folder(BackupId id, List<ListedObject> objects) {

        private Instant lastArrival() {
            return ListedObject.lastArrival(objects);
        }

        private boolean isResumable(RepositoryLayout layout, Instant now) {
            boolean hasManifest =
                    objects.stream().anyMatch(it -> it.key().equals(layout.manifest(id)));
            return !hasManifest && lastArrival().isAfter(now.minus(RESUMABLE));
        }

        private Optional<InterruptedBackup> read(
                ObjectStore store,
                RepositoryLayout layout,
                String member,
                TimelineId timeline,
                ScratchList<ManifestEntry> files) {
            Map<String, Long> sizes = new HashMap<>();
            String prefix = layout.backupFolder(id);
            objects.forEach(it -> sizes.put(it.key().substring(prefix.length()), it.size()));
            List<LeftBundle> bundles = new ArrayList<>();
            List<LockedException> locked = new ArrayList<>();
            boolean isOurs = false;
            for (ListedObject object : objects) {
                boolean isPage =
                        RepositoryLayout.journalNumber(object.key().substring(prefix.length()))
                                >= 0;
                Optional<JournalPage> page =
                        isPage ? page(store, object, locked) : Optional.empty();
                if (page.isPresent()
                        && page.get().member().equals(member)
                        && page.get().timeline().equals(timeline)) {
                    isOurs = true;
                    page.get().bundles().stream()
                            .filter(it -> isThere(it, sizes))
                            .map(it -> new LeftBundle(it.object(), files.addAll(it.files())))
                            .forEach(bundles::add);
                }
            }
            bundles.sort(Comparator.comparing((LeftBundle it) -> it.object().name()).reversed());
            if (isOurs) {
                tell(locked);
            }
            return isOurs
                    ? Optional.of(
                            new InterruptedBackup(
                                    id,
                                    bundles,
                                    1
                                            + sizes.keySet().stream()
                                                    .mapToInt(RepositoryLayout::bundleNumber)
                                                    .max()
                                                    .orElse(-1),
                                    1
                                            + sizes.keySet().stream()
                                                    .mapToInt(RepositoryLayout::journalNumber)
                                                    .max()
                                                    .orElse(-1)))
                    : Optional.empty();
        }

        /** Bundles of which nobody here can say what is in them are made anew. */
        private static Optional<JournalPage> page(
                ObjectStore store, ListedObject object, List<LockedException> locked) {
            try {
                return JournalPage.read(store, object.key());
            } catch (LockedException e) {
                locked.add(e);
                return Optional.empty();
            }
        }

        private void tell(List<LockedException> locked) {
            if (!locked.isEmpty()) {
                log.atInfo()
                        .addKeyValue("backup", id)
                        .addKeyValue("reason", "its journal " + locked.getLast().getMessage())
                        .log("what an interrupted backup has stored is copied anew");
            }
        }

        private static boolean isThere(JournalPage.Bundle bundle, Map<String, Long> sizes) {
            Long size = sizes.get(bundle.object().name());
            return size != null && size == bundle.object().size();
        }
    }
}
