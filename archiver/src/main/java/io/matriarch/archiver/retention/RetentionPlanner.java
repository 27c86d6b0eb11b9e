package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.retention.RetentionFacts.Unfinished;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides, from facts and a policy alone, what is kept and what is deleted.
 *
 * <p>Backups are ordered by the time recorded in them, within the lineage that the cluster is on;
 * those that cannot be restored do not count. While the lineage is unclear, or no backup can be
 * restored, nothing goes but garbage. Histories of timelines and marks of epochs never go.
 */
public final class RetentionPlanner {

    /** How long something without {@code backup.json} may still be a backup that is being taken. */
    private static final Duration UNFINISHED = Duration.ofDays(1);

    private final RetentionFacts facts;
    private final RetentionPolicy policy;
    private final Instant now;
    private final RestorePlanner restores;
    private final List<Verdict> verdicts = new ArrayList<>();

    private RetentionPlanner(RetentionFacts facts, RetentionPolicy policy, Instant now) {
        this.facts = facts;
        this.policy = policy;
        this.now = now;
        this.restores = new RestorePlanner(facts.archive());
    }

    /**
     * Makes the plan. The window ends at the newest that has arrived in the archive: a clock that
     * is ahead, or an archive in which nothing arrives any more, costs nothing of it.
     *
     * @param now of this host's clock
     */
    public static RetentionPlan plan(RetentionFacts facts, RetentionPolicy policy, Instant now) {
        return new RetentionPlanner(facts, policy, now).plan();
    }

    private RetentionPlan plan() {
        Optional<TimelineHistory> lineage = restores.defaultLineage();
        List<BaseBackup> restorable = lineage.map(restores::restorable).orElse(List.of());
        if (restorable.isEmpty()) {
            keepAll(lineage.isEmpty() ? "lineage is unclear" : "no backup can be restored");
        } else {
            judge(lineage.orElseThrow(), restorable);
        }
        return new RetentionPlan(verdicts);
    }

    private void keepAll(String reason) {
        for (BaseBackup backup : facts.archive().backups()) {
            verdicts.add(new Verdict.OnBackup(backup, true, reason));
        }
        garbage();
        wal(new NeededWal(0, reason, List.of()));
    }

    private void judge(TimelineHistory lineage, List<BaseBackup> restorable) {
        Instant arrived = facts.archive().lastArrival().filter(now::isAfter).orElse(now);
        KeptBackups kept = new KeptBackups(facts, policy, restorable, arrived);
        kept.keepAncestors(neededParents());
        List<NeededWal.Need> needs = new ArrayList<>();
        long from = Long.MAX_VALUE;
        for (BaseBackup backup : facts.archive().backups()) {
            boolean isKept = kept.isKept(backup);
            verdicts.add(new Verdict.OnBackup(backup, isKept, kept.reason(backup)));
            if (isKept && kept.isInStretch(backup)) {
                from = Math.min(from, own(backup).first().number());
            } else if (isKept) {
                needs.addAll(needs(backup, lineage));
            }
        }
        garbage();
        wal(needed(from, needs));
    }

    /** What backups are based on that are not complete, or cannot be read. */
    private Map<BackupId, String> neededParents() {
        Map<BackupId, String> parents = new TreeMap<>();
        facts.unfinished()
                .forEach((folder, unfinished) -> {
                    if (!isGarbage(folder, unfinished)) {
                        unfinished
                                .needs()
                                .parent()
                                .ifPresent(it ->
                                        parents.put(
                                                it, "backup %s is based on it".formatted(folder)));
                    }
                });
        for (BackupId unreadable : facts.unreadable()) {
            facts.archive().backups().stream()
                    .map(BaseBackup::id)
                    .filter(it -> mayBeBasedOn(unreadable, it))
                    .forEach(it ->
                            parents.put(
                                    it,
                                    "backup %s, which cannot be read, may be based on it"
                                            .formatted(unreadable)));
        }
        return parents;
    }

    /** Where there are chains it may be any; where there are none, it would be the first of one. */
    private boolean mayBeBasedOn(BackupId unreadable, BackupId other) {
        List<BaseBackup> all = facts.archive().backups();
        return all.stream().anyMatch(BaseBackup::isIncremental)
                || all.stream()
                        .map(BaseBackup::id)
                        .filter(it -> it.compareTo(unreadable) < 0)
                        .max(Comparator.naturalOrder())
                        .equals(Optional.of(other));
    }

    /** Everything stays if something exists of which nobody knows what it needs. */
    private NeededWal needed(long from, List<NeededWal.Need> needs) {
        if (!facts.unreadable().isEmpty()) {
            return new NeededWal(
                    0,
                    "backup %s cannot be read or lacks objects, and may need it"
                            .formatted(facts.unreadable().iterator().next()),
                    List.of());
        }
        long running = startOfRunning();
        return running < from
                ? new NeededWal(running, "a backup that is being taken may need it", needs)
                : new NeededWal(from, "needed from the oldest backup of the window on", needs);
    }

    /**
     * Number of the first segment that a backup may need which is not complete yet. That of a
     * standby begins at its last restart point, which may lie before any other backup's beginning:
     * as long as nobody knows where, everything stays.
     */
    private long startOfRunning() {
        long size = facts.archive().wal().segmentSize().bytes();
        return facts.unfinished().entrySet().stream()
                .filter(entry -> !isGarbage(entry.getKey(), entry.getValue()))
                .mapToLong(entry ->
                        entry.getValue().needs().start().map(it -> it.value() / size).orElse(0L))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** What makes a backup consistent: on its own timeline, and on the way to the cluster's. */
    private List<NeededWal.Need> needs(BaseBackup backup, TimelineHistory lineage) {
        String reason = "needed by backup " + backup.id();
        SegmentRange own = own(backup);
        List<NeededWal.Need> needs = new ArrayList<>();
        needs.add(new NeededWal.Need(own, reason));
        Planning planning =
                restores.plan(
                        new RestoreRequest(
                                new RestoreTarget.Immediate(),
                                Optional.of(lineage.timeline()),
                                Optional.of(backup.id())));
        switch (planning) {
            case Planning.Planned(var plan) ->
                    plan.wal().stream()
                            .filter(segment -> !own.contains(segment))
                            .map(segment ->
                                    new NeededWal.Need(new SegmentRange(segment, segment), reason))
                            .forEach(needs::add);
            case Planning.Refused _ -> {}
        }
        return needs;
    }

    private static SegmentRange own(BaseBackup backup) {
        List<WalSegment> segments = backup.wal().segments(backup.server().walSegmentSize());
        return new SegmentRange(segments.getFirst(), segments.getLast());
    }

    private void garbage() {
        facts.unfinished().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> verdicts.add(garbage(entry.getKey(), entry.getValue())));
        facts.unreadable().stream()
                .sorted()
                .forEach(it ->
                        verdicts.add(
                                new Verdict.OnGarbage(
                                        it, true, "cannot be read, or lacks objects")));
    }

    /** Who writes below a tombstone finds it before completing the backup, and gives up then. */
    private boolean isGarbage(BackupId folder, Unfinished unfinished) {
        return !unfinished.isRunning()
                && (facts.tombstones().contains(folder)
                        || unfinished.last().isBefore(now.minus(UNFINISHED)));
    }

    private Verdict garbage(BackupId folder, Unfinished unfinished) {
        String reason;
        if (unfinished.isRunning()) {
            reason = "being written";
        } else if (facts.tombstones().contains(folder)) {
            reason = "its deletion was interrupted";
        } else if (isGarbage(folder, unfinished)) {
            reason = "incomplete since " + unfinished.last();
        } else {
            reason = "incomplete, may still be written";
        }
        return new Verdict.OnGarbage(folder, !isGarbage(folder, unfinished), reason);
    }

    private void wal(NeededWal needed) {
        WalInventory wal = facts.archive().wal();
        for (List<SegmentRange> ranges : wal.ranges().values()) {
            ranges.forEach(range -> verdicts.addAll(needed.judge(range)));
        }
        wal.partials().forEach(name -> file(name + ".partial", needed));
        wal.labels().forEach(name -> file(name, needed));
    }

    /** Files that belong to a segment stay and go with its place in the log. */
    private void file(String text, NeededWal needed) {
        Optional<WalName> name = WalName.tryParse(text);
        Optional<WalSegment> segment =
                WalSegment.tryParse(text.substring(0, 24), facts.archive().wal().segmentSize());
        if (name.isPresent() && segment.isPresent()) {
            verdicts.add(
                    new Verdict.OnWalFile(
                            name.get(),
                            needed.isNeeded(segment.get()),
                            needed.reason(segment.get())));
        }
    }
}
