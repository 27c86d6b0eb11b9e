package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what a policy does not keep. First the backups that go are taken off the catalogue: a
 * tombstone is raised, pins are looked at once more, and {@code backup.json} is deleted. Then their
 * data goes, then the tombstones, then WAL, oldest first. Killed anywhere, the catalogue shows
 * whole backups only, each with all its WAL, and the next pruning goes on.
 *
 * <p>What the store refuses to delete stays whole: such a backup counts as kept, with its WAL.
 */
public final class Pruner {

    private static final Logger log = LoggerFactory.getLogger(Pruner.class);

    private static final String NEEDED = "a backup that stays is based on it";

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final Tombstones tombstones;
    private final Pins pins;
    private final Newcomers newcomers;
    private final Deletion deletion;

    public Pruner(ObjectStore store, RepositoryLayout layout, Mandate mandate) {
        this.store = store;
        this.layout = layout;
        this.tombstones = new Tombstones(store, layout);
        this.pins = new Pins(store, layout);
        this.newcomers = new Newcomers(store, layout);
        this.deletion = new Deletion(store, layout, mandate);
    }

    /**
     * Makes a plan, and carries it out.
     *
     * @throws RepositoryException if a backup that the plan keeps is gone, or the mandate is over
     */
    public PruneReport prune(RetentionFacts facts, RetentionPolicy policy, Instant now) {
        Map<BackupId, String> held = new TreeMap<>();
        RetentionPlan plan = RetentionPlanner.plan(facts, policy, now);
        checkKept(plan);
        spare(facts, plan);
        while (unlist(facts, plan, held, now)) {
            // What WAL may go depends on the backups that turned out to stay.
            plan = RetentionPlanner.plan(facts.withPins(pins.all()).holding(held), policy, now);
        }
        int backups = 0;
        for (BaseBackup backup : plan.deleted()) {
            backups += deletion.folder(backup.id()) ? 1 : 0;
        }
        int garbage = 0;
        for (BackupId folder : plan.garbage()) {
            tombstones.raise(folder, now);
            garbage += deletion.folder(folder) ? 1 : 0;
        }
        long segments = deletion.wal(plan, facts.folders());
        return new PruneReport(backups, garbage, segments, deletion.objects(), deletion.refused());
    }

    /** The facts may be old: what the plan relies on must still be there. */
    private void checkKept(RetentionPlan plan) {
        if (plan.isEmpty()) {
            return;
        }
        for (BaseBackup backup : plan.kept()) {
            if (store.head(layout.backup(backup.id())).isEmpty()) {
                throw new RepositoryException(
                        "backup " + backup.id() + ": gone, though the plan keeps it",
                        "somebody else deletes backups; make a new plan");
            }
        }
        if (plan.kept().isEmpty() && !(plan.deleted().isEmpty() && plan.wal().isEmpty())) {
            throw new RepositoryException(
                    "retention plan keeps no backup (expected: at least one)",
                    "this is an error of this program; nothing was deleted");
        }
    }

    /** An earlier pruning wanted to delete what now stays: it is whole, and may be pinned again. */
    private void spare(RetentionFacts facts, RetentionPlan plan) {
        for (BaseBackup backup : plan.kept()) {
            if (facts.tombstones().contains(backup.id())) {
                deletion.tombstone(backup.id());
            }
        }
    }

    /**
     * Takes the backups that go off the catalogue.
     *
     * @param held grows by those that turned out to stay
     * @return whether it has grown
     */
    private boolean unlist(
            RetentionFacts facts, RetentionPlan plan, Map<BackupId, String> held, Instant now) {
        int before = held.size();
        plan.deleted().forEach(backup -> tombstones.raise(backup.id(), now));
        // Whoever bases a backup on one of these and did not see its tombstone, is seen from here.
        Set<BackupId> settled = facts.complete();
        settled.addAll(plan.garbage());
        Set<BackupId> staying = facts.withAncestors(newcomers.parents(settled));
        // What is based on another goes first: whatever stays, stays with all that it needs.
        for (BaseBackup backup : youngestFirst(plan.deleted())) {
            BackupId id = backup.id();
            Optional<String> reason = staying.contains(id) ? Optional.of(NEEDED) : unlist(id);
            if (reason.isPresent()) {
                deletion.tombstone(id);
                held.put(id, reason.get());
                staying.addAll(facts.withAncestors(Set.of(id)));
            } else {
                log.atInfo().addKeyValue("backup", id).log("backup taken off the catalogue");
            }
        }
        return held.size() > before;
    }

    /** Why a backup stays after all; empty if it is off the catalogue. */
    private Optional<String> unlist(BackupId id) {
        if (pins.isPinned(id)) {
            return Optional.of("pinned meanwhile");
        }
        return deletion.mark(id) ? Optional.empty() : Optional.of("the store refused to delete it");
    }

    private static List<BaseBackup> youngestFirst(List<BaseBackup> backups) {
        return backups.stream()
                .sorted(Comparator.comparing((BaseBackup it) -> it.wal().start()).reversed())
                .toList();
    }
}
