package io.matriarch.archiver.foreign;

import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.foreign.ForeignBackup.Link;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.wal.SegmentHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The backups that are there. One that lacks something, as far as that can be seen without reading
 * it, is told among what is damaged, and is none.
 */
final class ForeignCatalogue {

    /** So many increments of one another can be told apart. */
    static final int LONGEST_CHAIN = 32;

    /** Before, recovery was asked for in another way. */
    private static final int OLDEST_VERSION = 120_000;

    private static final String ELSEWHERE =
            "restore from another backup; each increment needs all before it";

    private static final Pattern VERSION = Pattern.compile("PostgreSQL ([0-9]+)(?:\\.([0-9]+))?");

    private final ForeignReading reading;
    private final LogEvidence log;
    private final Map<BackupId, ListedObject> marks = new HashMap<>();
    private final Map<BackupId, Sentinel> sentinels = new HashMap<>();
    private final List<ForeignBackup> backups = new ArrayList<>();
    private final List<Damage> damaged = new ArrayList<>();
    private final WalSegmentSize segmentSize;

    private ForeignCatalogue(ForeignReading reading, ForeignWal wal) {
        this.reading = reading;
        this.log = new LogEvidence(reading.store(), wal);
        reading.store()
                .each(
                        Listing.inFolder(ForeignLayout.BACKUPS),
                        object ->
                                ForeignLayout.ofSentinel(object.key())
                                        .ifPresent(id -> marks.put(id, object)));
        this.segmentSize = sizeOfSegments();
        for (BackupId id : marks.keySet()) {
            try {
                backups.add(described(id));
            } catch (RepositoryException e) {
                damaged.add(damage(id, e.reasonBeside(ForeignLayout.sentinel(id))));
            }
        }
        backups.sort(
                Comparator.comparing((ForeignBackup backup) -> backup.described().stopTime())
                        .thenComparing(ForeignBackup::id));
    }

    static ForeignCatalogue read(ForeignReading reading, ForeignWal wal) {
        return new ForeignCatalogue(reading, wal);
    }

    /** Oldest first, of all systems. */
    List<ForeignBackup> backups() {
        return List.copyOf(backups);
    }

    List<Damage> damaged() {
        return List.copyOf(damaged);
    }

    WalSegmentSize segmentSize() {
        return segmentSize;
    }

    private static Damage damage(BackupId id, String reason) {
        return new Damage(ForeignLayout.sentinel(id), reason.strip().replace('\n', ' '));
    }

    /** As the log says that the newest backup left; a wrong guess would find no segment at all. */
    private WalSegmentSize sizeOfSegments() {
        return marks.entrySet().stream()
                .sorted(
                        Comparator.comparing(
                                (Map.Entry<BackupId, ListedObject> mark) ->
                                        mark.getValue().lastModified(),
                                Comparator.reverseOrder()))
                .flatMap(mark -> log.header(firstSegment(mark.getKey())).stream())
                .map(SegmentHeader::segmentSize)
                .findFirst()
                .orElse(WalSegmentSize.DEFAULT);
    }

    private static String firstSegment(BackupId id) {
        return id.text().substring("base_".length(), "base_".length() + 24);
    }

    private ForeignBackup described(BackupId id) {
        List<Link> chain = chain(id);
        Sentinel sentinel = chain.getLast().sentinel();
        String first = firstSegment(id);
        TimelineId timeline = TimelineId.parseHex(first.substring(0, 8));
        Optional<BackupLabelFile> label = log.label(first, start(id, sentinel));
        Lsn start =
                sentinel.start()
                        .or(() -> label.map(BackupLabelFile::start))
                        .orElseGet(() -> start(id, sentinel));
        Lsn stop =
                sentinel.finish()
                        .or(() -> sentinel.stop().map(this::position))
                        .or(() -> label.flatMap(BackupLabelFile::stop))
                        .orElseThrow(() -> unusable(id, "does not tell where the backup ended"));
        if (!stop.isAfter(start)) {
            throw unusable(id, "ends at " + stop + " (expected: after its start " + start + ")");
        }
        Instant stopTime =
                sentinel.times()
                        .finish()
                        .or(() -> label.flatMap(BackupLabelFile::stopTime))
                        .orElseGet(() -> stored(id));
        Instant startTime =
                sentinel.times()
                        .start()
                        .or(() -> label.flatMap(BackupLabelFile::startTime))
                        .filter(time -> !time.isAfter(stopTime))
                        .orElse(stopTime);
        long stored = chain.stream().mapToLong(link -> link.parts().storedBytes()).sum();
        return new ForeignBackup(
                new BaseBackup(
                        BaseBackup.FORMAT,
                        id,
                        label(chain),
                        new ClusterName(sentinel.isOfWalE() ? "wal-e" : "wal-g"),
                        system(id, sentinel),
                        new BackupServer(
                                version(id, sentinel),
                                segmentSize,
                                sentinel.host(),
                                0,
                                false,
                                false),
                        new BackupWal(timeline, start, stop, startTime, stopTime, Optional.empty()),
                        new BackupTotals(0, bytes(chain), stored, stopTime),
                        sentinel.tablespaces(),
                        List.of(),
                        List.of(),
                        List.of()),
                chain);
    }

    /** In words, for a list of backups. */
    private static String label(List<Link> chain) {
        if (chain.getLast().sentinel().isOfWalE()) {
            return "WAL-E";
        }
        return chain.size() == 1
                ? "WAL-G, full"
                : "WAL-G, increment " + (chain.size() - 1) + " of " + chain.getFirst().id();
    }

    /** An increment tells its own bytes, unless it tells those of the whole data directory. */
    private static long bytes(List<Link> chain) {
        return chain.stream().mapToLong(link -> link.sentinel().bytes()).max().orElse(0);
    }

    /** The full backup first. */
    private List<Link> chain(BackupId id) {
        List<Link> chain = new ArrayList<>();
        Set<BackupId> seen = new LinkedHashSet<>();
        BackupId next = id;
        while (true) {
            if (!seen.add(next) || seen.size() > LONGEST_CHAIN) {
                throw unusable(
                        id,
                        "is an increment of more than "
                                + (LONGEST_CHAIN - 1)
                                + " others, or of itself: "
                                + seen);
            }
            Sentinel sentinel = sentinel(id, next);
            BackupParts parts =
                    BackupParts.of(next, reading.store().list(ForeignLayout.parts(next)));
            BackupId named = next;
            parts.lacking(sentinel.isOfWalE())
                    .ifPresent(lack -> {
                        throw unusable(id, lackOf(id, named) + lack);
                    });
            chain.addFirst(new Link(sentinel, parts));
            if (sentinel.delta().isEmpty()) {
                return chain;
            }
            next = parent(id, sentinel.delta().get());
        }
    }

    private static String lackOf(BackupId wanted, BackupId part) {
        return wanted.equals(part) ? "" : "is an increment of " + part + ", which ";
    }

    /** An increment of another backup than the one that is there would give a mixture. */
    private BackupId parent(BackupId id, Sentinel.Delta delta) {
        BackupId parent;
        try {
            parent = new BackupId(delta.from());
        } catch (IllegalArgumentException e) {
            throw unusable(id, "is an increment of '" + delta.from() + "', which is no name");
        }
        Optional<Lsn> begun = sentinel(id, parent).start();
        if (delta.since().isPresent() && begun.isPresent() && !delta.since().equals(begun)) {
            throw unusable(
                    id,
                    "is an increment of "
                            + parent
                            + " as of "
                            + delta.since().get()
                            + ", and that one began at "
                            + begun.get());
        }
        return parent;
    }

    private Sentinel sentinel(BackupId wanted, BackupId id) {
        Sentinel known = sentinels.get(id);
        if (known != null) {
            return known;
        }
        if (!marks.containsKey(id)) {
            throw unusable(wanted, "is an increment of " + id + ", which is not there");
        }
        try {
            Sentinel read = reading.read(ForeignLayout.sentinel(id), Sentinel::read);
            if (read.times().finish().isEmpty() || read.version() == 0) {
                read = read.completed(metadata(id, read));
            }
            sentinels.put(id, read);
            return read;
        } catch (RestoreException e) {
            throw unusable(wanted, String.valueOf(e.getMessage()));
        }
    }

    private Sentinel metadata(BackupId id, Sentinel otherwise) {
        String key = ForeignLayout.metadata(id);
        return reading.store().head(key).isPresent()
                ? reading.read(key, Sentinel::read)
                : otherwise;
    }

    private Instant stored(BackupId id) {
        return Optional.ofNullable(marks.get(id))
                .map(ListedObject::lastModified)
                .orElse(Instant.EPOCH);
    }

    /** By the name, which WAL-E ends with an offset; its writer takes decimal digits for it. */
    private Lsn start(BackupId id, Sentinel sentinel) {
        if (sentinel.start().isPresent()) {
            return sentinel.start().get();
        }
        WalSegment segment = WalSegment.parse(firstSegment(id), segmentSize);
        String offset = id.text().substring("base_".length() + 24).replace("_", "");
        if (offset.isEmpty() || offset.startsWith("D")) {
            return segment.start();
        }
        int radix = offset.chars().allMatch(Character::isDigit) ? 10 : 16;
        long within = Long.parseLong(offset, radix);
        return within < segmentSize.bytes()
                ? new Lsn(segment.start().value() + within)
                : segment.start();
    }

    /** At the boundary the server named the segment before, and an offset of zero. */
    private Lsn position(Sentinel.Stop stop) {
        WalSegment segment = WalSegment.parse(stop.segment(), segmentSize);
        return stop.offset() == 0
                ? segment.end()
                : new Lsn(segment.start().value() + stop.offset());
    }

    private SystemIdentifier system(BackupId id, Sentinel sentinel) {
        return sentinel.system()
                .or(() -> log.header(firstSegment(id)).map(SegmentHeader::systemIdentifier))
                .orElseThrow(() ->
                        unusable(
                                id,
                                "does not tell whose it is, and the segment where it begins, "
                                        + firstSegment(id)
                                        + ", is not there or unreadable"));
    }

    private int version(BackupId id, Sentinel sentinel) {
        int version = sentinel.version();
        if (version == 0) {
            version = reading.text(ForeignLayout.version(id)).map(this::version).orElse(0);
        }
        if (version < OLDEST_VERSION) {
            throw unusable(
                    id,
                    version == 0
                            ? "does not tell of which PostgreSQL version it is"
                            : "is of PostgreSQL "
                                    + version / 10_000
                                    + " (expected: 12 or newer); the tool that made it can"
                                    + " restore it");
        }
        return version;
    }

    private int version(String told) {
        Matcher version = VERSION.matcher(told);
        if (!version.find()) {
            return 0;
        }
        int major = Integer.parseInt(version.group(1));
        return major * 10_000 + (version.group(2) == null ? 0 : Integer.parseInt(version.group(2)));
    }

    private static RepositoryException unusable(BackupId id, String reason) {
        return new RepositoryException(ForeignLayout.sentinel(id), reason, ELSEWHERE, null);
    }
}
