package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What lacks of a timeline: from where it was entered, or the archive of its lineage begins, up to
 * its last segment there, and to where a known timeline has left it. The segment in which it was
 * left is not expected of it: that one goes on, from its beginning, on the next timeline. Nothing
 * is expected of a timeline of which nothing is there while a backup lies beyond it: retention
 * deletes such a timeline as a whole.
 */
final class TimelineGaps {

    private final ArchiveFacts facts;
    private final Set<TimelineId> withBackup;

    /**
     * Where a timeline was left.
     *
     * @param told when the file came that tells of it
     */
    private record Left(Lsn at, Optional<Instant> told) {}

    TimelineGaps(ArchiveFacts facts) {
        this.facts = facts;
        this.withBackup =
                facts.backups().stream()
                        .map(backup -> backup.wal().timeline())
                        .collect(Collectors.toSet());
    }

    List<Gap> of(TimelineId timeline) {
        if (isLeftBehind(timeline)) {
            return List.of();
        }
        TimelineHistory past = past(timeline);
        OptionalLong begin = begin(past);
        OptionalLong last =
                LongStream.concat(
                                facts.wal().last(timeline).stream().mapToLong(WalSegment::number),
                                children(timeline).map(Left::at).mapToLong(this::whole))
                        .max();
        if (begin.isEmpty() || last.isEmpty()) {
            return List.of();
        }
        long entered = past.switches().isEmpty() ? 0 : number(past.switches().getLast().at());
        WalSegment first = segment(timeline, Math.max(begin.getAsLong(), entered));
        return first.number() > last.getAsLong()
                ? List.of()
                : facts.wal().missing(first, segment(timeline, last.getAsLong())).stream()
                        .map(this::gap)
                        .toList();
    }

    private boolean isLeftBehind(TimelineId timeline) {
        return facts.wal().first(timeline).isEmpty()
                && !withBackup.contains(timeline)
                && withBackup.stream().anyMatch(it -> past(it).leftAt(timeline).isPresent());
    }

    /** As its own file tells it, or a descendant's; else it is taken to have none. */
    private TimelineHistory past(TimelineId timeline) {
        return facts.history(timeline)
                .or(() ->
                        facts.histories().values().stream()
                                .filter(it -> it.leftAt(timeline).isPresent())
                                .map(it -> it.upTo(timeline))
                                .findFirst())
                .orElseGet(() -> TimelineHistory.of(timeline));
    }

    /** Number of the first segment that should be there: before it nothing was ever archived. */
    private OptionalLong begin(TimelineHistory past) {
        LongStream backups =
                facts.backups().stream()
                        .map(BaseBackup::wal)
                        .filter(wal -> past.continues(wal.timeline(), wal.stop()))
                        .mapToLong(wal -> number(wal.start()));
        LongStream archived =
                past.since(TimelineId.FIRST).stream()
                        .flatMap(timeline -> facts.wal().first(timeline).stream())
                        .filter(first ->
                                past.leftAt(first.timeline())
                                        .map(at -> first.number() <= number(at))
                                        .orElse(true))
                        .mapToLong(WalSegment::number);
        return LongStream.concat(backups, archived).min();
    }

    private Stream<Left> children(TimelineId timeline) {
        return facts.histories().values().stream()
                .flatMap(it ->
                        it.leftAt(timeline).stream()
                                .map(at ->
                                        new Left(
                                                at,
                                                Optional.ofNullable(
                                                        facts.begun().get(it.timeline())))));
    }

    private Gap gap(SegmentRange missing) {
        TimelineId timeline = missing.first().timeline();
        Instant to =
                stored(missing.last().next())
                        .or(() -> leftAfter(missing.last()))
                        .or(facts::lastArrival)
                        .orElseThrow();
        Instant from =
                before(missing.first())
                        .or(() -> Optional.ofNullable(facts.begun().get(timeline)))
                        .or(() -> firstBackup(timeline))
                        .orElse(to);
        return new Gap(missing, from, to);
    }

    private Optional<Instant> before(WalSegment segment) {
        return segment.number() == 0
                ? Optional.empty()
                : stored(segment(segment.timeline(), segment.number() - 1));
    }

    private Optional<Instant> stored(WalSegment end) {
        return Optional.ofNullable(facts.archived().get(end));
    }

    private Optional<Instant> leftAfter(WalSegment segment) {
        return children(segment.timeline())
                .filter(child -> whole(child.at()) >= segment.number())
                .flatMap(child -> child.told().stream())
                .min(Instant::compareTo);
    }

    private Optional<Instant> firstBackup(TimelineId timeline) {
        return facts.backups().stream()
                .map(BaseBackup::wal)
                .filter(wal -> wal.timeline().equals(timeline))
                .map(BackupWal::startTime)
                .min(Instant::compareTo);
    }

    /** Number of the last whole segment before a switch. */
    private long whole(Lsn at) {
        return number(at) - 1;
    }

    private long number(Lsn position) {
        return WalSegment.containing(TimelineId.FIRST, position, facts.wal().segmentSize())
                .number();
    }

    private WalSegment segment(TimelineId timeline, long number) {
        return new WalSegment(timeline, number, facts.wal().segmentSize());
    }
}
