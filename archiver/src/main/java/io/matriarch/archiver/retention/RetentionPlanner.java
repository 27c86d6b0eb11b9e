package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides, from facts and a policy alone, what is kept and what is deleted.
 *
 * <p>Backups are ordered by the time recorded in them, within the lineage that the cluster is on;
 * those that cannot be restored do not count. WAL goes only below the start of the oldest backup
 * that stays: positions are common to all timelines, so no backup needs a segment with a lower
 * number than its own start, on whatever timeline. While the lineage is unclear, or no backup can
 * be restored, nothing goes.
 */
public final class RetentionPlanner {

    /** How long something without {@code backup.json} may still be a backup that is being taken. */
    private static final Duration UNFINISHED = Duration.ofDays(1);

    private final RetentionFacts facts;
    private final RetentionPolicy policy;
    private final Instant now;
    private final List<Verdict> verdicts = new ArrayList<>();

    private RetentionPlanner(RetentionFacts facts, RetentionPolicy policy, Instant now) {
        this.facts = facts;
        this.policy = policy;
        this.now = now;
    }

    /** Makes the plan. */
    public static RetentionPlan plan(RetentionFacts facts, RetentionPolicy policy, Instant now) {
        return new RetentionPlanner(facts, policy, now).plan();
    }

    private RetentionPlan plan() {
        ArchiveFacts archive = facts.archive();
        Optional<TimelineHistory> lineage = new RestorePlanner(archive).defaultLineage();
        List<BaseBackup> restorable =
                lineage.map(it -> new RestorePlanner(archive).restorable(it)).orElse(List.of());
        if (restorable.isEmpty()) {
            keepAll(lineage.isEmpty() ? "lineage is unclear" : "no backup can be restored");
        } else {
            judge(restorable);
        }
        return new RetentionPlan(verdicts);
    }

    private void keepAll(String reason) {
        for (BaseBackup backup : facts.archive().backups()) {
            verdicts.add(new Verdict.OnBackup(backup, true, reason));
        }
        garbage();
        for (List<SegmentRange> ranges : facts.archive().wal().ranges().values()) {
            ranges.forEach(range -> verdicts.add(new Verdict.OnWal(range, true, reason)));
        }
    }

    private void judge(List<BaseBackup> restorable) {
        int firstByCount = Math.max(0, restorable.size() - policy.count());
        int firstByWindow = firstByWindow(restorable);
        int first = Math.min(firstByCount, firstByWindow);
        BaseBackup anchor = restorable.get(first);
        List<BaseBackup> roots = new ArrayList<>();
        for (BaseBackup backup : facts.archive().backups()) {
            int place = restorable.indexOf(backup);
            if (place >= first || isNewer(backup, anchor)) {
                roots.add(backup);
            }
            verdicts.add(verdict(backup, place, anchor, firstByCount, firstByWindow));
        }
        garbage();
        wal(roots);
    }

    /**
     * The newest backup from which the beginning of the window can be reached, and all after it.
     */
    private int firstByWindow(List<BaseBackup> restorable) {
        if (policy.window().isEmpty()) {
            return restorable.size();
        }
        Instant begin = now.minus(policy.window().get());
        int first = 0;
        for (int i = 0; i < restorable.size(); i++) {
            if (!restorable.get(i).stopTime().isAfter(begin)) {
                first = i;
            }
        }
        return first;
    }

    private static boolean isNewer(BaseBackup backup, BaseBackup anchor) {
        return backup.stopTime().isAfter(anchor.stopTime());
    }

    private Verdict verdict(
            BaseBackup backup, int place, BaseBackup anchor, int firstByCount, int firstByWindow) {
        if (place >= firstByCount) {
            return new Verdict.OnBackup(
                    backup, true, "one of the newest " + policy.count() + " backups");
        }
        if (place >= firstByWindow) {
            return new Verdict.OnBackup(
                    backup, true, "needed for the recovery window of " + policy.window().get());
        }
        if (policy.pinned().contains(backup.id())) {
            return new Verdict.OnBackup(backup, true, "pinned");
        }
        if (place < 0 && isNewer(backup, anchor)) {
            return new Verdict.OnBackup(
                    backup, true, "not restorable on this lineage, but newer than what is kept");
        }
        return new Verdict.OnBackup(
                backup,
                false,
                place < 0
                        ? "not restorable on this lineage, and older than what is kept"
                        : "older than what the policy keeps");
    }

    private void garbage() {
        facts.unfinished().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> verdicts.add(garbage(entry.getKey(), entry.getValue())));
    }

    private Verdict garbage(BackupId folder, Instant last) {
        boolean isOld = last.isBefore(now.minus(UNFINISHED));
        return new Verdict.OnGarbage(
                folder,
                !isOld,
                isOld ? "incomplete since " + last : "incomplete, may still be written");
    }

    /**
     * @param roots backups from which any later moment is to stay reachable
     */
    private void wal(List<BaseBackup> roots) {
        OptionalLong lowest = roots.stream().mapToLong(RetentionPlanner::startNumber).min();
        List<SegmentRange> pinned =
                facts.archive().backups().stream()
                        .filter(backup -> policy.pinned().contains(backup.id()))
                        .map(RetentionPlanner::needed)
                        .sorted(Comparator.comparing(SegmentRange::first))
                        .toList();
        for (List<SegmentRange> ranges : facts.archive().wal().ranges().values()) {
            for (SegmentRange range : ranges) {
                split(range, lowest.orElseThrow(), pinned);
            }
        }
    }

    private static long startNumber(BaseBackup backup) {
        return needed(backup).first().number();
    }

    private static SegmentRange needed(BaseBackup backup) {
        List<WalSegment> segments = backup.wal().segments(backup.server().walSegmentSize());
        return new SegmentRange(segments.getFirst(), segments.getLast());
    }

    private void split(SegmentRange range, long lowest, List<SegmentRange> pinned) {
        WalSegment next = range.first();
        for (SegmentRange pin : pinned) {
            if (!pin.first().timeline().equals(next.timeline())
                    || pin.last().number() < next.number()
                    || pin.first().number() > range.last().number()
                    || pin.first().number() >= lowest) {
                continue;
            }
            long pinFirst = Math.max(pin.first().number(), next.number());
            long pinLast = Math.min(pin.last().number(), range.last().number());
            add(next, Math.min(pinFirst, lowest) - 1, false, "older than any backup needs");
            next = at(next, pinFirst);
            add(next, pinLast, true, "needed by a pinned backup");
            next = at(next, pinLast + 1);
        }
        long end = range.last().number();
        add(next, Math.min(end, lowest - 1), false, "older than any backup needs");
        next = at(next, Math.max(next.number(), Math.min(end + 1, lowest)));
        add(next, end, true, "needed from the oldest kept backup on");
    }

    private void add(WalSegment first, long last, boolean isKept, String reason) {
        if (last >= first.number()) {
            verdicts.add(
                    new Verdict.OnWal(new SegmentRange(first, at(first, last)), isKept, reason));
        }
    }

    private static WalSegment at(WalSegment like, long number) {
        return new WalSegment(like.timeline(), number, like.size());
    }
}
