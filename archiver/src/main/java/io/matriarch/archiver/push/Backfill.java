package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
 */
final class Backfill {

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
        List<Stretch> stretches = stretches(history);
        for (WalName.History name : missingHistories(history)) {
            push(name, epoch, tally);
        }
        for (SegmentRange range : missing(stretches)) {
            push(range, epoch, tally);
        }
        return tally.report(missing(stretches), missingHistories(history));
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
     * @param from where it begins in the archive or here
     * @param to the last whole segment before it was left
     */
    private record Stretch(WalSegment from, WalSegment to) {}

    private List<Stretch> stretches(TimelineHistory history) {
        List<Stretch> stretches = new ArrayList<>();
        Optional<Lsn> entered = Optional.empty();
        for (TimelineHistory.Switch left : history.switches()) {
            Optional<WalSegment> from =
                    entered.isPresent() && !stretches.isEmpty()
                            ? Optional.of(segmentAt(left.parent(), entered.get()))
                            : firstKnown(left.parent());
            // The segment in which it was left goes on, from the beginning, on the next timeline.
            long wholeSegments = segmentAt(left.parent(), left.at()).number();
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

    /** Where the archive begins; without any archive, where this member's own log begins. */
    private Optional<WalSegment> firstKnown(TimelineId timeline) {
        Optional<WalSegment> archived = inventory(timeline).first(timeline);
        return archived.isPresent() ? archived : firstHere(timeline);
    }

    private Optional<WalSegment> firstHere(TimelineId timeline) {
        String[] names = settings.walDirectory().toFile().list();
        if (names == null) {
            return Optional.empty();
        }
        return Arrays.stream(names)
                .flatMap(name -> WalSegment.tryParse(name, settings.segmentSize()).stream())
                .filter(segment -> segment.timeline().equals(timeline))
                .min(WalSegment::compareTo);
    }

    private WalInventory inventory(TimelineId timeline) {
        return WalInventory.of(
                settings.segmentSize(), store.list(settings.layout().walFolder(timeline)));
    }

    private List<SegmentRange> missing(List<Stretch> stretches) {
        return stretches.stream()
                .flatMap(stretch ->
                        inventory(stretch.from().timeline())
                                .missing(stretch.from(), stretch.to())
                                .stream())
                .toList();
    }

    private List<WalName.History> missingHistories(TimelineHistory history) {
        List<String> there =
                store.list(settings.layout().walFolder()).stream().map(ListedObject::key).toList();
        List<TimelineId> lineage = new ArrayList<>();
        history.switches().forEach(left -> lineage.add(left.parent()));
        lineage.add(history.timeline());
        return lineage.stream()
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
            WalName name = new WalName.Segment(segment.timeline(), segment.name());
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
            case UploadOutcome.Outdated outdated -> tally.refused.add(outdated.reason());
            case UploadOutcome.Forbidden() -> tally.isInterrupted = true;
            case UploadOutcome.Troubled(var trouble) -> throw trouble;
            // Gone, or a recycled file that has only the name: the segment itself is not here.
            case UploadOutcome.Vanished(), UploadOutcome.Unfit(var _) -> {}
        }
        return false;
    }
}
