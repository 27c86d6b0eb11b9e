package io.matriarch.archiver.foreign;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.codec.CodecException;
import io.matriarch.archiver.fetch.WalObjects;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.restore.RepositorySource;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Looks at the log, and makes of it and of the backups what a restore is planned from.
 *
 * @param next where the cluster archives since it went over; its log counts too
 */
record ForeignSurvey(
        ObjectStore store, ForeignWal foreign, WalObjects both, Optional<RepositorySource> next) {

    /** What was found, and what of the log must be thawed first. */
    record Found(ArchiveFacts facts, List<ListedObject> cold) {}

    Found of(
            List<BaseBackup> backups,
            List<Damage> lacking,
            WalSegmentSize size,
            Optional<TimelineId> committed) {
        List<ListedObject> cold = new ArrayList<>();
        WalInventory wal = WalInventory.ofNames(size, seen -> list(seen, cold));
        List<Damage> damaged = new ArrayList<>(lacking);
        Map<TimelineId, TimelineHistory> histories = new HashMap<>();
        Map<TimelineId, Instant> begun = new HashMap<>();
        for (TimelineId timeline : wal.histories()) {
            WalName name = new WalName.History(timeline);
            stored(name).ifPresent(time -> begun.put(timeline, time));
            try {
                histories.put(timeline, history(timeline, name));
            } catch (IllegalArgumentException e) {
                damaged.add(
                        new Damage(
                                both.key(name),
                                String.valueOf(e.getMessage()).strip().replace('\n', ' ')));
            }
        }
        damaged.addAll(
                Damage.lostHistories(
                        timeline -> both.key(new WalName.History(timeline)),
                        wal,
                        histories.values(),
                        wal.histories()));
        return new Found(
                new ArchiveFacts(backups, wal, archived(wal), histories, begun, damaged, committed),
                cold);
    }

    private void list(Consumer<WalName> seen, List<ListedObject> cold) {
        Consumer<ListedObject> each =
                object ->
                        WalName.tryParse(ForeignLayout.fileName(object.key()))
                                .ifPresent(name -> {
                                    seen.accept(name);
                                    if (!object.storage().isReadable()) {
                                        cold.add(object);
                                    }
                                });
        store.each(Listing.inFolder(ForeignLayout.WAL), each);
        next.ifPresent(own -> own.store().each(Listing.of(own.layout().walFolder()), each));
    }

    /** When the store got a file. */
    private Optional<Instant> stored(WalName name) {
        return next.flatMap(own -> own.store().head(own.layout().wal(name)))
                .or(() -> foreign.head(name))
                .map(StoredObject::lastModified);
    }

    private Map<WalSegment, Instant> archived(WalInventory wal) {
        Map<WalSegment, Instant> archived = new HashMap<>();
        for (List<SegmentRange> ranges : wal.ranges().values()) {
            for (SegmentRange range : ranges) {
                Instant last = stored(WalName.Segment.of(range.last())).orElse(Instant.EPOCH);
                archived.put(range.last(), last);
                if (range.count() > 1) {
                    archived.put(
                            range.first(), stored(WalName.Segment.of(range.first())).orElse(last));
                }
            }
        }
        return archived;
    }

    private TimelineHistory history(TimelineId timeline, WalName name) {
        WalObjects.Stored object =
                both.open(name)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "listed, and missing: somebody deletes objects"));
        String text;
        try (object) {
            text = new String(object.plain().readAllBytes(), StandardCharsets.UTF_8);
        } catch (CodecException e) {
            throw e.isEncrypted()
                    ? ForeignReading.encrypted(object.key(), e)
                    : new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            if (e.getCause() instanceof StoreException trouble) {
                throw trouble;
            }
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException(
                    "truncated: ends within a line (expected: whole lines)");
        }
        return TimelineHistory.parse(timeline, text);
    }
}
