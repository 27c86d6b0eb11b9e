package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.WalMark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides from facts alone how a target is reached, or says why it cannot be.
 *
 * <p>The dates of commits are inside the WAL, which nobody has read when a plan is made. Two things
 * are known: a segment's commits are older than the segment's arrival in the archive; and each
 * backup's {@link WalMark} names a position before which lies a commit later than a given time. The
 * first refuses what is certainly out of reach, the second cuts off what is certainly not needed.
 * Between the two the plan takes all WAL that there is. Whoever carries it out looks into the last
 * segments for a later transaction; and replay decides: it stops with an error, and does not
 * promote, if the target is not met.
 */
public final class RestorePlanner {

    /** How far the store's clock may be behind the primary's. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(1);

    private final ArchiveFacts facts;

    public RestorePlanner(ArchiveFacts facts) {
        this.facts = facts;
    }

    /**
     * Plans a restore that was perhaps begun before.
     *
     * @param begun the backup that it was begun with: better ones may have come, but of this one
     *     files are in place
     */
    public Planning plan(RestoreRequest request, Optional<BackupId> begun) {
        if (begun.isEmpty() || request.backup().isPresent()) {
            return plan(request);
        }
        Planning same = plan(new RestoreRequest(request.target(), request.timeline(), begun));
        return same instanceof Planning.Planned ? same : plan(request);
    }

    /** Plans a restore. */
    public Planning plan(RestoreRequest request) {
        Optional<Planning> lost = request.backup().flatMap(this::unusable);
        if (lost.isPresent()) {
            return lost.get();
        }
        if (facts.backups().isEmpty()) {
            return facts.damaged().isEmpty()
                    ? new Planning.Refused(
                            "no base backup in the archive", "take a base backup first", List.of())
                    : new Planning.Refused(
                            "no base backup that can be read: " + facts.damaged().getFirst(),
                            "thaw the object if it is cold; else put it back from another copy of"
                                    + " the repository",
                            List.of());
        }
        return switch (Lineages.choose(request.timeline(), facts)) {
            case Lineages.Choice.Unclear(var reason, var hint) ->
                    new Planning.Refused(reason, hint, List.of());
            case Lineages.Choice.Follow(var lineage) -> plan(request, lineage);
        };
    }

    /** Why a backup that was asked for by name is out of the question. */
    private Optional<Planning> unusable(BackupId wanted) {
        if (facts.backups().stream().anyMatch(backup -> backup.id().equals(wanted))) {
            return Optional.empty();
        }
        String object = wanted.mark();
        return Optional.of(
                facts.damaged().stream()
                        .filter(damage -> damage.key().endsWith(object))
                        .findFirst()
                        .map(damage ->
                                new Planning.Refused(
                                        damage.toString(),
                                        "thaw it if it is cold, else put it back from another copy"
                                                + " of the repository; or leave the choice of the"
                                                + " backup to the plan",
                                        List.of()))
                        .orElseGet(() ->
                                new Planning.Refused(
                                        "backup "
                                                + wanted
                                                + ": "
                                                + object
                                                + " is missing (expected: it is created last)",
                                        "a backup without it is being taken, was interrupted, or"
                                                + " was pruned; choose another",
                                        List.of())));
    }

    /** The lineage that a restore follows if none is asked for; empty if that is unclear. */
    public Optional<TimelineHistory> defaultLineage() {
        if (facts.backups().isEmpty()) {
            return Optional.empty();
        }
        return switch (Lineages.choose(Optional.empty(), facts)) {
            case Lineages.Choice.Follow(var lineage) -> Optional.of(lineage);
            case Lineages.Choice.Unclear _ -> Optional.empty();
        };
    }

    /** Whole backups on the lineage with all the WAL that makes them consistent, oldest first. */
    public List<BaseBackup> restorable(TimelineHistory lineage) {
        return onLineage(lineage).stream()
                .filter(facts::isWhole)
                .filter(backup ->
                        !WalPath.from(backup.wal().start(), lineage, facts.wal())
                                .end()
                                .isBefore(backup.wal().stop()))
                .toList();
    }

    /** What can be restored along a lineage, oldest stretch first. */
    public List<Reachable> reachable(TimelineHistory lineage) {
        List<Reachable> stretches = new ArrayList<>();
        for (BaseBackup backup : restorable(lineage)) {
            WalPath path = WalPath.from(backup.wal().start(), lineage, facts.wal());
            Reachable stretch =
                    new Reachable(
                            backup.stopTime(),
                            archivedEnd(path, backup),
                            backup.wal().stop(),
                            path.end());
            boolean continues =
                    !stretches.isEmpty() && stretches.getLast().toLsn().equals(stretch.toLsn());
            if (!continues) {
                stretches.add(stretch);
            }
        }
        return stretches;
    }

    private Planning plan(RestoreRequest request, TimelineHistory lineage) {
        Optional<BaseBackup> backup = backup(request, lineage);
        if (backup.isEmpty()) {
            return noBackup(request, lineage);
        }
        if (facts.chain(backup.get()) instanceof BackupChain.Search.Broken(var _, var reason)) {
            return refused(
                    reason,
                    "put it back from another copy of the repository, or name another backup with"
                            + " --backup",
                    lineage);
        }
        WalPath path = WalPath.from(backup.get().wal().start(), lineage, facts.wal());
        if (path.end().isBefore(backup.get().wal().stop())) {
            return refused(
                    "WAL segment "
                            + path.firstMissing()
                            + ": missing, though backup "
                            + backup.get().id()
                            + " needs it",
                    "choose a time that another backup serves",
                    lineage);
        }
        return switch (request.target()) {
            case RestoreTarget.Immediate _ ->
                    planned(
                            request,
                            lineage,
                            backup.get(),
                            path.upTo(backup.get().wal().stop()),
                            List.of());
            case RestoreTarget.Latest _ -> latest(request, lineage, backup.get(), path);
            case RestoreTarget.PointInTime time ->
                    time(request, time.time(), lineage, backup.get(), path);
            case RestoreTarget.AtLsn at -> position(request, at, lineage, backup.get(), path);
            case RestoreTarget.Xid _, RestoreTarget.RestorePoint _ ->
                    search(request, lineage, backup.get(), path);
        };
    }

    private Optional<BaseBackup> backup(RestoreRequest request, TimelineHistory lineage) {
        return onLineage(lineage).stream()
                .filter(backup -> request.backup().map(backup.id()::equals).orElse(true))
                .filter(backup -> serves(backup, request.target()))
                .reduce((first, second) -> second);
    }

    /** Backups are of no use for what lies before their own end. */
    private static boolean serves(BaseBackup backup, RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.PointInTime(Instant time, boolean _) ->
                    !backup.stopTime().isAfter(time);
            case RestoreTarget.AtLsn(Lsn lsn, boolean _) -> !backup.wal().stop().isAfter(lsn);
            case RestoreTarget.Latest _,
                    RestoreTarget.Immediate _,
                    RestoreTarget.Xid _,
                    RestoreTarget.RestorePoint _ ->
                    true;
        };
    }

    private List<BaseBackup> onLineage(TimelineHistory lineage) {
        return facts.backups().stream()
                .filter(backup -> lineage.continues(backup.wal().timeline(), backup.wal().stop()))
                .toList();
    }

    private Planning noBackup(RestoreRequest request, TimelineHistory lineage) {
        List<BaseBackup> usable = onLineage(lineage);
        Optional<BackupId> wanted = request.backup();
        if (usable.isEmpty()) {
            return refused(
                    "no base backup on the way to timeline " + lineage.timeline(),
                    "choose another timeline",
                    lineage);
        }
        if (wanted.isPresent()) {
            return refused(
                    "backup "
                            + wanted.get()
                            + ": does not serve this target on the way to timeline "
                            + lineage.timeline(),
                    "leave the choice of the backup to the plan, or choose a later target",
                    lineage);
        }
        BaseBackup oldest = usable.getFirst();
        return refused(
                "target is before the end of the oldest usable backup "
                        + oldest.id()
                        + ", at "
                        + oldest.stopTime()
                        + " ("
                        + oldest.wal().stop()
                        + ")",
                "the earliest reachable time is " + oldest.stopTime(),
                lineage);
    }

    private Planning latest(
            RestoreRequest request, TimelineHistory lineage, BaseBackup backup, WalPath path) {
        if (path.hasGap()) {
            return refused(
                    gap(path),
                    "to take "
                            + allBefore(path)
                            + ", or a time before about "
                            + archivedEnd(path, backup),
                    lineage);
        }
        return planned(request, lineage, backup, path, List.of());
    }

    private Planning time(
            RestoreRequest request,
            Instant time,
            TimelineHistory lineage,
            BaseBackup backup,
            WalPath path) {
        Optional<Lsn> enough = enough(mark -> mark.time().isAfter(time), lineage, path);
        if (enough.isPresent()) {
            return planned(request, lineage, backup, path.upTo(enough.get()), List.of());
        }
        Instant end = archivedEnd(path, backup);
        if (time.isAfter(end.plus(CLOCK_DIFFERENCE))) {
            return refused(
                    path.hasGap()
                            ? gap(path)
                            : "archived WAL ends at about " + end + ", before the target " + time,
                    "the latest reachable time is a little before "
                            + end
                            + (path.hasGap()
                                    ? "; to take " + allBefore(path)
                                    : "; to replay all that there is, ask for the latest"),
                    lineage);
        }
        List<String> notes = new ArrayList<>();
        if (path.hasGap()) {
            notes.add(gap(path) + "; the target is expected before it; to take " + allBefore(path));
        }
        notes.add(
                "no backup tells that a transaction behind the target is archived, so the log itself"
                        + " is asked; the archive ends at about "
                        + end);
        return planned(request, lineage, backup, path, notes);
    }

    private Planning position(
            RestoreRequest request,
            RestoreTarget.AtLsn target,
            TimelineHistory lineage,
            BaseBackup backup,
            WalPath path) {
        Lsn lsn = target.lsn();
        if (lsn.equals(path.end()) && !target.isInclusive()) {
            return allBeforeTheEnd(request, lineage, backup, path);
        }
        if (!lsn.isBefore(path.end())) {
            return refused(
                    path.hasGap()
                            ? gap(path)
                            : "archived WAL ends at " + path.end() + ", and the target is " + lsn,
                    "to take " + allBefore(path),
                    lineage);
        }
        Optional<Lsn> enough =
                facts.backups().stream()
                        .filter(later -> !later.wal().stop().isBefore(lsn))
                        .flatMap(later -> later.wal().mark().stream())
                        .filter(mark -> isOn(mark, lineage, path))
                        .map(WalMark::end)
                        .min(Lsn::compareTo);
        return planned(request, lineage, backup, path.upTo(enough.orElse(path.end())), List.of());
    }

    /** A server stops before a position only if it sees a record there, and none is archived. */
    private Planning allBeforeTheEnd(
            RestoreRequest request, TimelineHistory lineage, BaseBackup backup, WalPath path) {
        String note =
                "all that lies before " + path.end() + " is replayed, and then the server promotes";
        return planned(
                new RestoreRequest(
                        new RestoreTarget.Latest(), request.timeline(), request.backup()),
                lineage,
                backup,
                path,
                List.of(path.hasGap() ? gap(path) + "; " + note : note));
    }

    private Planning search(
            RestoreRequest request, TimelineHistory lineage, BaseBackup backup, WalPath path) {
        List<String> notes = new ArrayList<>();
        notes.add("only replay finds out whether the target is there; if not, nothing is promoted");
        if (path.hasGap()) {
            notes.add(gap(path) + "; the target must lie before it");
        }
        if (request.backup().isEmpty()) {
            notes.add(
                    "the target must lie behind the newest backup, which ended at "
                            + backup.stopTime()
                            + "; else name an earlier backup");
        }
        return planned(request, lineage, backup, path, notes);
    }

    private interface Fits {
        boolean test(WalMark mark);
    }

    /** The first position on the path before which replay has certainly met its target. */
    private Optional<Lsn> enough(Fits fits, TimelineHistory lineage, WalPath path) {
        return facts.backups().stream()
                .flatMap(backup -> backup.wal().mark().stream())
                .filter(mark -> fits.test(mark) && isOn(mark, lineage, path))
                .map(WalMark::end)
                .min(Lsn::compareTo);
    }

    private static boolean isOn(WalMark mark, TimelineHistory lineage, WalPath path) {
        Lsn last = new Lsn(mark.end().value() - 1);
        return lineage.timelineOf(last).equals(mark.timeline())
                && !mark.end().isAfter(path.end())
                && !mark.end().isBefore(path.segments().getFirst().start());
    }

    private Planning planned(
            RestoreRequest request,
            TimelineHistory lineage,
            BaseBackup backup,
            WalPath path,
            List<String> notes) {
        List<String> all = new ArrayList<>(notes);
        facts.damaged().forEach(damage -> all.add(damage + "; it is not used"));
        return new Planning.Planned(
                new RestorePlan(
                        request.target(),
                        backup,
                        ancestors(backup),
                        lineage.timeline(),
                        path.segments(),
                        path.end(),
                        madeByReplay(lineage, backup, path.end()),
                        facts.histories().keySet().stream().sorted().toList(),
                        all));
    }

    private List<BaseBackup> ancestors(BaseBackup backup) {
        return switch (facts.chain(backup)) {
            case BackupChain.Search.Whole(var chain) -> chain.ancestors();
            case BackupChain.Search.Broken(var _, var reason) ->
                    throw new IllegalStateException("planned without its ancestors: " + reason);
        };
    }

    private List<Tablespace> madeByReplay(TimelineHistory lineage, BaseBackup from, Lsn end) {
        Map<Long, Tablespace> made = new TreeMap<>();
        for (BaseBackup later : facts.backups()) {
            BackupWal wal = later.wal();
            if (wal.start().isAfter(from.wal().start())
                    && wal.start().isBefore(end)
                    && lineage.continues(wal.timeline(), wal.stop())) {
                later.tablespaces().forEach(it -> made.put(it.oid(), it));
            }
        }
        from.tablespaces().forEach(it -> made.remove(it.oid()));
        return List.copyOf(made.values());
    }

    private Planning refused(String reason, String hint, TimelineHistory lineage) {
        return new Planning.Refused(reason, hint, reachable(lineage));
    }

    private static String gap(WalPath path) {
        return RestorePlan.GAP + path.firstMissing() + " is missing, later ones exist";
    }

    /** In the words of the command, so that it can be asked for. */
    private static String allBefore(WalPath path) {
        return "all that lies before %s, ask for --lsn %s --exclusive"
                .formatted(path.hasGap() ? "the gap" : "the end", path.end());
    }

    /** No commit on the path is later than this. */
    private Instant archivedEnd(WalPath path, BaseBackup backup) {
        return facts.archivedBy(path.segments().getLast()).orElse(backup.stopTime());
    }
}
