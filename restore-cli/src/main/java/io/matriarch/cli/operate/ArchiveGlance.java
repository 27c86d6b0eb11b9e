package io.matriarch.cli.operate;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.claim.CautiousStore;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.claim.ConditionalWrites;
import io.matriarch.archiver.drill.DrillStore;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.verification.ProofStore;
import io.matriarch.archiver.verification.Proofs.LastRun;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.access.Archive;
import io.matriarch.cli.access.ClusterAccess;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the archive stands, by a few cheap questions.
 *
 * @param lastSegment the newest segment of the cluster's timeline; absent if there is none
 * @param lastArchived when it was stored
 * @param behindBytes how much of the timeline's log is not in the archive; absent if unknown
 * @param lastBackup the newest backup; absent if there is none
 * @param conditionalWrites {@code ignored} if the newest segment tells that the store does not
 *     refuse to overwrite; else absent
 * @param verified the last verification; absent if there was none
 * @param drilled the last drill; absent if there was none
 * @param trouble why nothing is known; absent if the repository answered
 */
record ArchiveGlance(
        String repository,
        @Nullable String lastSegment,
        @Nullable Instant lastArchived,
        @Nullable Long behindBytes,
        int backups,
        @Nullable LastBackup lastBackup,
        @Nullable String conditionalWrites,
        @Nullable Verified verified,
        @Nullable LastDrill drilled,
        @Nullable String trouble) {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Of a segment's name: its timeline and the upper half of its number. */
    private static final int LOG_ID = 16;

    /** The newest backup. */
    record LastBackup(String id, Instant stopTime, String member, long storedBytes) {}

    /**
     * The last verification.
     *
     * @param damaged what it found to be bad or missing, one sentence each
     */
    record Verified(Instant ended, long objects, long bytes, List<String> damaged) {

        private static final int MOST_NAMED = 5;

        static Verified of(LastRun run) {
            return new Verified(
                    run.ended(),
                    run.objects(),
                    run.bytes(),
                    run.damaged().stream().map(Damage::toString).toList());
        }

        /** The first of what is damaged, and how much more there is. */
        List<String> problems() {
            List<String> problems = new ArrayList<>();
            damaged.stream().limit(MOST_NAMED).map(it -> "archive: " + it).forEach(problems::add);
            if (damaged.size() > MOST_NAMED) {
                problems.add(
                        "archive: %d more are damaged or missing, which 'verify' names"
                                .formatted(damaged.size() - MOST_NAMED));
            }
            return problems;
        }
    }

    /**
     * Looks.
     *
     * @param position the end of the primary's log; absent if unknown
     */
    static ArchiveGlance look(ClusterAccess access, ClusterState state, Optional<Lsn> position) {
        SystemIdentifier system = state.systemIdentifier();
        String repository = access.repository().location().toString();
        if (system == null) {
            return silent(repository, "the cluster is being initialised");
        }
        try (Archive archive =
                Archive.open(
                        access.repository().withPatience(PATIENCE),
                        Optional.of(access.cluster()),
                        Optional.of(system))) {
            return look(archive, state.lineage(), position);
        } catch (StoreException | RepositoryException | CommandFailure e) {
            return silent(repository, String.valueOf(e.getMessage()));
        }
    }

    private static ArchiveGlance silent(String repository, String trouble) {
        return new ArchiveGlance(repository, null, null, null, 0, null, null, null, null, trouble);
    }

    private static ArchiveGlance look(Archive archive, Lineage lineage, Optional<Lsn> position) {
        WalSegmentSize size =
                Claims.read(archive.store(), archive.layout())
                        .map(Claim::walSegmentSize)
                        .orElse(WalSegmentSize.DEFAULT);
        Optional<ListedObject> newest = newest(archive, lineage.timeline(), size, position);
        Optional<WalSegment> segment = newest.flatMap(object -> segment(object, size));
        List<BaseBackup> backups = Backups.list(archive.store(), archive.layout());
        return new ArchiveGlance(
                archive.location().toString(),
                segment.map(WalSegment::name).orElse(null),
                newest.map(ListedObject::lastModified).orElse(null),
                position.map(end ->
                                behind(
                                        segment.map(WalSegment::end).orElse(lineage.switchedAt()),
                                        end))
                        .orElse(null),
                backups.size(),
                backups.isEmpty() ? null : lastBackup(backups.getLast()),
                newest.flatMap(object -> archive.store().head(object.key()))
                        .filter(CautiousStore::wasUnprotected)
                        .map(_ -> ConditionalWrites.IGNORED.text())
                        .orElse(null),
                new ProofStore(archive.store(), archive.layout())
                        .read()
                        .last()
                        .map(Verified::of)
                        .orElse(null),
                new DrillStore(archive.store(), archive.layout())
                        .last()
                        .map(LastDrill::of)
                        .orElse(null),
                null);
    }

    private static LastBackup lastBackup(BaseBackup backup) {
        return new LastBackup(
                backup.id().toString(),
                backup.stopTime(),
                backup.server().member(),
                backup.totals().storedBytes());
    }

    private static long behind(Lsn archived, Lsn position) {
        return position.beyond(archived);
    }

    /** Looks near the end of the log first: a long timeline has many segments. */
    private static Optional<ListedObject> newest(
            Archive archive, TimelineId timeline, WalSegmentSize size, Optional<Lsn> position) {
        String folder = archive.layout().walFolder(timeline);
        return position.map(end ->
                        WalSegment.containing(timeline, end, size).name().substring(0, LOG_ID))
                .flatMap(near -> newest(archive, folder + near, size))
                .or(() -> newest(archive, folder, size));
    }

    private static Optional<ListedObject> newest(
            Archive archive, String prefix, WalSegmentSize size) {
        return archive.store().list(prefix).stream()
                .filter(object -> segment(object, size).isPresent())
                .max(Comparator.comparing(ListedObject::key));
    }

    private static Optional<WalSegment> segment(ListedObject object, WalSegmentSize size) {
        String file = object.key().substring(object.key().lastIndexOf('/') + 1);
        int suffix = file.indexOf('.');
        String name = suffix < 0 ? file : file.substring(0, suffix);
        boolean isWhole = !file.contains(".partial") && WalName.tryParse(name).isPresent();
        return isWhole ? WalSegment.tryParse(name, size) : Optional.empty();
    }
}
