package io.matriarch.archiver.foreign;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.RepositoryWal;
import io.matriarch.archiver.fetch.WalObjects;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.planning.NeededObjects;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.restore.RepositorySource;
import io.matriarch.archiver.restore.RestoreSource;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A repository that WAL-E or WAL-G has written, to be restored from and for nothing else. Its
 * backups are those of the old tools alone; the log may go on in a repository of our own.
 */
public final class ForeignArchive implements RestoreSource {

    private final ForeignReading reading;
    private final ForeignWal foreign;
    private final WalObjects log;
    private final Optional<RepositorySource> next;
    private final ForeignCatalogue catalogue;
    private final SystemIdentifier system;
    private List<ListedObject> cold = List.of();

    /**
     * Looks at the backups.
     *
     * @param asked whose they are to be; empty if there are those of one system only
     * @param next where the cluster archives since it went over
     * @throws RestoreException if there is nothing to restore from, or it cannot be told whose
     */
    public ForeignArchive(
            ObjectStore store, Optional<SystemIdentifier> asked, Optional<RepositorySource> next) {
        this.reading = new ForeignReading(store);
        this.foreign = new ForeignWal(store);
        this.next = next;
        this.log =
                next.<WalObjects>map(own ->
                                new BothLogs(new RepositoryWal(own.store(), own.layout()), foreign))
                        .orElse(foreign);
        this.catalogue = ForeignCatalogue.read(reading, foreign);
        this.system = chosen(asked);
        next.map(own -> own.layout().systemIdentifier())
                .filter(own -> !own.equals(system))
                .ifPresent(own -> {
                    throw new RestoreException(
                            "the backups are of system "
                                    + system
                                    + ", and the repository beside them of "
                                    + own
                                    + " (expected: one cluster, before and after it went over)",
                            "leave the repository out, or name the right one");
                });
    }

    private SystemIdentifier chosen(Optional<SystemIdentifier> asked) {
        List<SystemIdentifier> systems =
                catalogue.backups().stream()
                        .map(backup -> backup.described().systemIdentifier())
                        .distinct()
                        .toList();
        if (asked.isPresent() && systems.contains(asked.get())) {
            return asked.get();
        }
        if (systems.isEmpty()) {
            throw catalogue.damaged().isEmpty()
                    ? new RestoreException(
                            "no backup of WAL-E or WAL-G is there (expected: "
                                    + ForeignLayout.BACKUPS
                                    + "base_…_backup_stop_sentinel.json)",
                            "check the URL, with its prefix: it ends above "
                                    + ForeignLayout.BACKUPS)
                    : new RestoreException(
                            "no backup that can be restored: "
                                    + catalogue.damaged().stream()
                                            .map(Damage::toString)
                                            .collect(Collectors.joining("; ")),
                            "put back what is missing from another copy of the repository");
        }
        if (asked.isPresent() || systems.size() > 1) {
            throw new RestoreException(
                    "the backups are of system "
                            + systems.stream()
                                    .map(SystemIdentifier::toString)
                                    .collect(Collectors.joining(", "))
                            + (asked.isPresent() ? " (expected: " + asked.get() + ")" : ""),
                    "choose one of them with --system");
        }
        return systems.getFirst();
    }

    public SystemIdentifier systemIdentifier() {
        return system;
    }

    /**
     * What a restore is planned from.
     *
     * @param committed the timeline that the cluster is on, if the cluster could be asked
     */
    public ArchiveFacts facts(Optional<TimelineId> committed) {
        ForeignSurvey.Found found =
                new ForeignSurvey(reading.store(), foreign, log, next)
                        .of(
                                catalogue.backups().stream()
                                        .map(ForeignBackup::described)
                                        .filter(it -> it.systemIdentifier().equals(system))
                                        .toList(),
                                catalogue.damaged(),
                                catalogue.segmentSize(),
                                committed);
        cold = found.cold();
        return found.facts();
    }

    /** By the listings that the plan was made from: what lacked something is in no plan. */
    @Override
    public NeededObjects needed(RestorePlan plan) {
        List<ListedObject> frozen = new ArrayList<>();
        for (ForeignBackup.Link link : backup(plan).chain()) {
            link.parts().objects().values().stream()
                    .filter(part -> !part.storage().isReadable())
                    .forEach(frozen::add);
        }
        Set<TimelineId> histories = Set.copyOf(plan.histories());
        for (ListedObject object : cold) {
            boolean isNeeded =
                    WalName.tryParse(ForeignLayout.fileName(object.key()))
                            .map(name ->
                                    switch (name) {
                                        case WalName.Segment segment ->
                                                plan.wal().stream()
                                                        .anyMatch(it ->
                                                                it.name().equals(segment.text()));
                                        case WalName.History(var timeline) ->
                                                histories.contains(timeline);
                                        case WalName.Partial _, WalName.BackupLabel _ -> false;
                                    })
                            .orElse(false);
            if (isNeeded) {
                frozen.add(object);
            }
        }
        return new NeededObjects(frozen, List.of());
    }

    @Override
    public BackupFiles files(RestorePlan plan) {
        return ForeignFiles.open(reading, backup(plan));
    }

    private ForeignBackup backup(RestorePlan plan) {
        return catalogue.backups().stream()
                .filter(backup -> backup.id().equals(plan.backup().id()))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "backup: " + plan.backup().id() + " (expected: one of these)"));
    }

    @Override
    public ArchivedWal wal(RestorePlan plan) {
        return new ArchivedWal(log, system, catalogue.segmentSize());
    }

    @Override
    public List<String> againstDelta() {
        return List.of(
                "WAL-E and WAL-G keep no checksum of a file, by which one that is there could be"
                        + " known to be right");
    }
}
