package io.matriarch.archiver.verification;

import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.planning.RecoveryWindow;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Mark;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.WindowSurvey;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What can be told from names and descriptions: what cannot be used, and what lacks. */
final class Completeness {

    /** Segments are archived side by side: one may arrive before those that precede it. */
    private static final int LOOKS = 10;

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final ArchiveFacts facts;
    private final RecoveryWindow window;

    Completeness(ObjectStore store, RepositoryLayout layout, ArchiveFacts facts) {
        this.store = store;
        this.layout = layout;
        this.facts = facts;
        this.window = WindowSurvey.of(facts);
    }

    /** Backups and histories that are no good, and backups from which nothing can be restored. */
    List<Damage> damaged() {
        Stream<Damage> unrestorable =
                window.timelines().stream()
                        .flatMap(strand -> strand.backups().stream())
                        .filter(mark -> !mark.isRestorable())
                        .map(mark -> new Damage(layout.backup(mark.id()), unrestorable(mark)));
        return Stream.concat(facts.damaged().stream(), unrestorable).filter(this::stands).toList();
    }

    private String unrestorable(Mark mark) {
        return "nothing can be restored from it: "
                + facts.backups().stream()
                        .filter(it -> it.id().equals(mark.id()))
                        .map(facts::chain)
                        .filter(BackupChain.Search.Broken.class::isInstance)
                        .map(broken -> ((BackupChain.Search.Broken) broken).reason())
                        .findFirst()
                        .orElse("it, or a backup that it is based on, lacks objects, or WAL");
    }

    /** Not of a backup that has been deleted meanwhile: its description goes before the rest. */
    private boolean stands(Damage damage) {
        return facts.backups().stream()
                .filter(it -> damage.key().startsWith(layout.backupFolder(it.id())))
                .allMatch(it -> store.head(layout.backup(it.id())).isPresent());
    }

    /** WAL that lacks behind the newest backup that serves, on the way to the timeline followed. */
    List<Damage> gaps() throws InterruptedException {
        List<Damage> damaged = new ArrayList<>();
        for (SegmentRange missing : sinceTheNewestBackup()) {
            if (!arrives(layout.segment(missing.first()))) {
                damaged.add(
                        new Damage(
                                layout.segment(missing.first()),
                                missing
                                        + " missing: what came after cannot be restored until"
                                        + " another backup is taken",
                                true));
            }
        }
        return damaged;
    }

    private boolean arrives(String key) throws InterruptedException {
        for (int i = 1; i <= LOOKS; i++) {
            if (store.head(key).isPresent()) {
                return true;
            }
            if (i < LOOKS) {
                Thread.sleep(BETWEEN_LOOKS);
            }
        }
        return false;
    }

    private List<SegmentRange> sinceTheNewestBackup() {
        List<SegmentRange> lacking = new ArrayList<>();
        Optional<Strand> strand = window.followed().flatMap(this::strand);
        Optional<Lsn> end = Optional.empty();
        while (strand.isPresent()) {
            Optional<Lsn> left = end;
            Optional<Lsn> newest =
                    strand.get().backups().stream()
                            .filter(Mark::isRestorable)
                            .map(Mark::stop)
                            .filter(stop -> left.isEmpty() || !stop.isAfter(left.get()))
                            .max(Lsn::compareTo);
            strand.get().gaps().stream()
                    .map(Gap::missing)
                    .filter(gap -> left.isEmpty() || gap.first().start().isBefore(left.get()))
                    .filter(gap -> newest.isEmpty() || gap.last().end().isAfter(newest.get()))
                    .forEach(lacking::add);
            if (newest.isPresent()) {
                return lacking;
            }
            end = strand.get().origin().map(TimelineHistory.Switch::at);
            strand =
                    strand.get().origin().map(TimelineHistory.Switch::parent).flatMap(this::strand);
        }
        // Without a backup nothing can be restored at all.
        return List.of();
    }

    private Optional<Strand> strand(TimelineId timeline) {
        return window.timelines().stream().filter(it -> it.timeline().equals(timeline)).findFirst();
    }
}
