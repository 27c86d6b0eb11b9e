package io.matriarch.archiver.push;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Closes the hole that a dead primary leaves in the archive: a standby marks what it receives as
 * done, so nobody would ever archive what the dead one had not.
 *
 * <p>Pushes from the new primary's {@code pg_wal} every whole segment of its ancestors, up to where
 * each was left, that the archive lacks; and their histories. Creates only; may be repeated.
 *
 * <p>PostgreSQL removes from {@code pg_wal} what a standby has replayed, archived or not, also
 * right after a promotion. So {@code wal_keep_size} on every member must cover what may wait to be
 * archived; what is gone regardless is reported as missing, and calls for a new base backup.
 *
 * <p>An archive may have millions of segments, and nobody can wait after a promotion until all are
 * listed. What lies far behind this member's log cannot be filled up from here, and was looked at
 * when it was new: the look begins a little before, if the archive leads up to there.
 */
final class Backfill {

    /** In segments: one answer of a listing, and far more than are under way at a time. */
    private static final int LOOK_BACK = 1_000;

    private final PushSettings settings;
    private final ObjectStore store;
    private final WalUpload upload;

    Backfill(PushSettings settings, ObjectStore store, WalUpload upload) {
        this.settings = settings;
        this.store = store;
        this.upload = upload;
    }

    /**
     * Fills up the archive, and looks at what it holds afterwards.
     *
     * @param history of the new primary's timeline
     * @throws io.matriarch.archiver.store.StoreException if the store does not answer: then nothing
     *     is known, and this must be called again
     */
    BackfillReport run(TimelineHistory history, WriterEpoch epoch) throws InterruptedException {
        Optional<WriterEpoch> later = upload.laterThan(epoch);
        if (later.isPresent()) {
            String reason = new UploadOutcome.Outdated(epoch, later.get()).reason();
            return new BackfillReport(List.of(), List.of(), List.of(reason), false);
        }
        Tally tally = new Tally();
        Archived before = look(history);
        List<Stretch> stretches = stretches(history, before);
        for (WalName.History name : missingHistories(history)) {
            push(name, epoch, tally);
        }
        for (SegmentRange range : before.missing(stretches)) {
            push(range, epoch, tally);
        }
        Archived after = look(history, before.from());
        return tally.report(after.missing(stretches), missingHistories(history));
    }

    /** How it went so far. */
    private static final class Tally {

        private final List<WalSegment> pushed = new ArrayList<>();
        private final List<String> refused = new ArrayList<>();
        private boolean isInterrupted;

        BackfillReport report(List<SegmentRange> missing, List<WalName.History> histories) {
            if (!isInterrupted) {
                histories.forEach(name ->
                        refused.add(name.text() + ": neither in the archive nor in pg_wal"));
            }
            return new BackfillReport(pushed, missing, refused, isInterrupted);
        }
    }

    /**
     * The part of an ancestor that belongs to the history.
     *
     * @param from where it begins in the archive, islands apart, or here
     * @param to the last whole segment before it was left
     */
    private record Stretch(WalSegment from, WalSegment to) {}

    /**
     * What the archive has of the ancestors.
     *
     * @param from number of the first segment that was looked for
     */
    private record Archived(long from, Map<TimelineId, WalInventory> ancestors) {

        Optional<WalSegment> first(TimelineId timeline) {
            return Optional.ofNullable(ancestors.get(timeline))
                    .flatMap(inventory -> inventory.first(timeline));
        }

        /** Whether there is anything of what lies before the segment {@code number}. */
        boolean leadsTo(long number) {
            return ancestors.keySet().stream()
                    .flatMap(timeline -> first(timeline).stream())
                    .anyMatch(segment -> segment.number() < number);
        }

        List<SegmentRange> missing(List<Stretch> stretches) {
            List<SegmentRange> missing = new ArrayList<>();
            for (Stretch stretch : stretches) {
                Optional.ofNullable(ancestors.get(stretch.from().timeline()))
                        .ifPresent(it -> missing.addAll(it.missing(stretch.from(), stretch.to())));
            }
            return missing;
        }
    }

    private Archived look(TimelineHistory history) {
        long here = here(lineage(history)).mapToLong(WalSegment::number).min().orElse(0);
        long from = Math.max(0, here - LOOK_BACK);
        Archived near = look(history, from);
        return from == 0 || near.leadsTo(here) ? near : look(history, 0);
    }

    private Archived look(TimelineHistory history, long from) {
        Map<TimelineId, WalInventory> ancestors = new HashMap<>();
        for (TimelineHistory.Switch left : history.switches()) {
            if (wholeSegments(left) > from) {
                String folder = settings.layout().walFolder(left.parent());
                String first = new WalSegment(left.parent(), from, settings.segmentSize()).name();
                ancestors.put(
                        left.parent(),
                        WalInventory.of(
                                settings.segmentSize(),
                                store,
                                Listing.of(folder).after(folder + first)));
                // Who pushed it may have died before it was on disk, with the server's own copy.
                store.settle(folder);
            }
        }
        return new Archived(from, ancestors);
    }

    /** The segment in which it was left goes on, from the beginning, on the next timeline. */
    private long wholeSegments(TimelineHistory.Switch left) {
        return segmentAt(left.parent(), left.at()).number();
    }

    private List<Stretch> stretches(TimelineHistory history, Archived archived) {
        List<Stretch> stretches = new ArrayList<>();
        ArchiveBeginning beginning = beginning(history);
        Optional<Lsn> entered = Optional.empty();
        for (TimelineHistory.Switch left : history.switches()) {
            if (!archived.ancestors().containsKey(left.parent())) {
                continue;
            }
            Optional<WalSegment> from =
                    entered.isPresent() && !stretches.isEmpty()
                            ? Optional.of(segmentAt(left.parent(), entered.get()))
                            : firstKnown(left.parent(), archived, beginning);
            long wholeSegments = wholeSegments(left);
            if (from.isPresent() && from.get().number() < wholeSegments) {
                WalSegment to =
                        new WalSegment(left.parent(), wholeSegments - 1, settings.segmentSize());
                stretches.add(new Stretch(from.get(), to));
            }
            entered = Optional.of(left.at());
        }
        return stretches;
    }

    private WalSegment segmentAt(TimelineId timeline, Lsn lsn) {
        return WalSegment.containing(timeline, lsn, settings.segmentSize());
    }

    private ArchiveBeginning beginning(TimelineHistory history) {
        return new ArchiveBeginning(
                history,
                Backups.list(store, settings.layout()).stream().map(BaseBackup::wal).toList());
    }

    /** Where the archive begins; without any archive, where this member's own log begins. */
    private Optional<WalSegment> firstKnown(
            TimelineId timeline, Archived archived, ArchiveBeginning beginning) {
        WalInventory inventory = archived.ancestors().get(timeline);
        return inventory != null && inventory.first(timeline).isPresent()
                ? beginning.of(timeline, inventory)
                : here(List.of(timeline)).min(WalSegment::compareTo);
    }

    /** The segments that this member has of some timelines. */
    private Stream<WalSegment> here(List<TimelineId> timelines) {
        String[] names = settings.walDirectory().toFile().list();
        return Arrays.stream(names == null ? new String[0] : names)
                .flatMap(name -> WalSegment.tryParse(name, settings.segmentSize()).stream())
                .filter(segment -> timelines.contains(segment.timeline()));
    }

    private static List<TimelineId> lineage(TimelineHistory history) {
        List<TimelineId> lineage = new ArrayList<>();
        history.switches().forEach(left -> lineage.add(left.parent()));
        lineage.add(history.timeline());
        return lineage;
    }

    private List<WalName.History> missingHistories(TimelineHistory history) {
        Set<String> there = new HashSet<>();
        store.each(
                Listing.inFolder(settings.layout().walFolder()), object -> there.add(object.key()));
        store.settle(settings.layout().walFolder());
        return lineage(history).stream()
                .filter(timeline -> !timeline.equals(TimelineId.FIRST))
                .filter(timeline -> !there.contains(settings.layout().history(timeline)))
                .map(WalName.History::new)
                .toList();
    }

    private void push(SegmentRange range, WriterEpoch epoch, Tally tally)
            throws InterruptedException {
        for (long number = range.first().number(); number <= range.last().number(); number++) {
            WalSegment segment =
                    new WalSegment(range.first().timeline(), number, settings.segmentSize());
            boolean isHere = Files.exists(settings.walDirectory().resolve(segment.name()));
            WalName name = WalName.Segment.of(segment);
            if (isHere && push(name, epoch, tally)) {
                tally.pushed.add(segment);
            }
        }
    }

    /** Whether the archive has the file now. */
    private boolean push(WalName name, WriterEpoch epoch, Tally tally) throws InterruptedException {
        if (tally.isInterrupted) {
            return false;
        }
        switch (upload.upload(name, epoch)) {
            case UploadOutcome.Archived _ -> {
                return true;
            }
            case UploadOutcome.Conflicting(String reason) -> tally.refused.add(reason);
            case UploadOutcome.Damaged(String reason) -> tally.refused.add(reason);
            case UploadOutcome.Outdated outdated -> tally.refused.add(outdated.reason());
            case UploadOutcome.Forbidden() -> tally.isInterrupted = true;
            case UploadOutcome.Troubled(var trouble) -> throw trouble;
            // Gone, or a recycled file that has only the name: the segment itself is not here.
            case UploadOutcome.Vanished(), UploadOutcome.Unfit(var _) -> {}
        }
        return false;
    }
}
