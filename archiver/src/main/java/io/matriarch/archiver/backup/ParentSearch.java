package io.matriarch.archiver.backup;

import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.increment.IncrementPolicy;
import io.matriarch.archiver.increment.ParentChoice;
import io.matriarch.archiver.increment.ParentFiles;
import io.matriarch.archiver.increment.Reference;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.readback.BackupContents;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks in the repository for the backup that a new one is incremental to. */
final class ParentSearch {

    private static final Logger log = LoggerFactory.getLogger(ParentSearch.class);

    private final ObjectStore store;
    private final RepositoryLayout layout;

    ParentSearch(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /** The chain that the new backup continues; empty if it is a full one. */
    Optional<BackupChain> find(IncrementPolicy policy, ParentChoice.Occasion occasion) {
        List<BaseBackup> backups = backups(policy);
        Optional<BackupId> unreadable =
                policy.isIncremental() ? unreadable(backups) : Optional.empty();
        ParentChoice choice =
                unreadable
                        .<ParentChoice>map(it ->
                                new ParentChoice.Full("backup %s cannot be read".formatted(it)))
                        .orElseGet(() -> ParentChoice.of(policy, occasion, backups));
        return switch (choice) {
            case ParentChoice.Full(var reason) -> {
                tell(reason);
                yield Optional.empty();
            }
            case ParentChoice.Incremental(var chain) ->
                    firstLacking(chain)
                            .map(reason -> {
                                tell(reason);
                                return Optional.<BackupChain>empty();
                            })
                            .orElse(Optional.of(chain));
        };
    }

    private List<BaseBackup> backups(IncrementPolicy policy) {
        return policy.isIncremental() ? Backups.list(store, layout) : List.of();
    }

    /** One that is complete, and of which nobody knows whether it would be the newest. */
    private Optional<BackupId> unreadable(List<BaseBackup> backups) {
        Set<BackupId> unknown = new TreeSet<>(Backups.folders(store, layout));
        backups.forEach(it -> unknown.remove(it.id()));
        return unknown.stream().filter(it -> store.head(layout.backup(it)).isPresent()).findFirst();
    }

    private Optional<String> firstLacking(BackupChain chain) {
        Set<BackupId> deleted = new Tombstones(store, layout).all();
        for (BaseBackup backup : chain.backups()) {
            if (deleted.contains(backup.id())) {
                return Optional.of("backup %s is being deleted".formatted(backup.id()));
            }
            Optional<String> missing = Backups.firstMissing(store, layout, backup);
            if (missing.isPresent()) {
                return missing.map(key -> "backup %s lacks object %s".formatted(backup.id(), key));
            }
        }
        return Optional.empty();
    }

    /**
     * What the new backup leaves out, now that it is known where it begins.
     *
     * @param start where its replay begins
     * @param timeline that the server is on since it has begun
     * @return empty if it is a full one after all
     */
    Optional<Reference> reference(BackupChain chain, Lsn start, TimelineId timeline) {
        BaseBackup parent = chain.last();
        if (!timeline.equals(parent.wal().timeline())) {
            tell("the server went to timeline %s meanwhile".formatted(timeline));
            return Optional.empty();
        }
        if (start.isBefore(parent.wal().stop())) {
            tell(
                    "it begins at %s, before the end of backup %s at %s: no checkpoint lies between"
                            .formatted(start, parent.id(), parent.wal().stop()));
            return Optional.empty();
        }
        try (BackupContents contents = BackupContents.read(new Download(store), layout, parent)) {
            return Optional.of(new Reference(parent, ParentFiles.of(parent, contents::eachFile)));
        } catch (RestoreException | RepositoryException e) {
            tell(String.valueOf(e.getMessage()));
            return Optional.empty();
        } catch (StoreException e) {
            if (e.isTransient()) {
                throw e;
            }
            tell(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static void tell(String reason) {
        if (!reason.isEmpty()) {
            log.atWarn().addKeyValue("reason", reason).log("base backup is a full one");
        }
    }
}
