package io.matriarch.archiver.drill;

import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.Reachable;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decides from facts alone what a drill restores. */
final class DrillPlanner {

    private static final Pattern DESCRIPTION =
            Pattern.compile(".*/backups/([^/]+)/backup\\.json(\\.sha256)?");

    private final ArchiveFacts facts;
    private final RestorePlanner planner;

    DrillPlanner(ArchiveFacts facts) {
        this.facts = facts;
        this.planner = new RestorePlanner(facts);
    }

    /** What is restored, or why nothing can be. */
    Planning plan(DrillRequest request) {
        return switch (request.moment()) {
            case DrillMoment.Named(RestoreTarget target) -> plan(request, target);
            case DrillMoment.Drawn(long seed) -> {
                // All of it must be there, or what the seed draws would depend on what is lost.
                Planning whole = plan(request, new RestoreTarget.Latest());
                yield whole instanceof Planning.Planned(RestorePlan all)
                        ? planner.plan(
                                new RestoreRequest(
                                        drawn(all, seed),
                                        request.timeline(),
                                        Optional.of(all.backup().id())))
                        : whole;
            }
        };
    }

    private Planning plan(DrillRequest request, RestoreTarget target) {
        Planning planning =
                planner.plan(new RestoreRequest(target, request.timeline(), request.backup()));
        return request.backup().isPresent() ? planning : unlessNewerIsDamaged(planning);
    }

    /**
     * A position behind the backup's end, each as likely as any other. In the last segment there
     * may be no record behind it, which replay would need to stop there; so the draw ends where
     * that begins. A backup that ends there itself is replayed as far as there is anything.
     *
     * @param all the plan for everything behind the backup
     */
    static RestoreTarget drawn(RestorePlan all, long seed) {
        Lsn from = all.backup().wal().stop();
        Lsn to = all.wal().getLast().start();
        if (!to.isAfter(from)) {
            return new RestoreTarget.Latest();
        }
        long choices = to.minus(from) + 1;
        return new RestoreTarget.AtLsn(
                from.plus(Math.unsignedMultiplyHigh(scattered(seed), choices)), true);
    }

    /** The first number of SplitMix64: it is the same in every version of everything. */
    private static long scattered(long seed) {
        long mixed = seed + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /**
     * One that cannot be read may be the newest, which a drill is to prove: when it was made, only
     * its name still tells.
     */
    private Planning unlessNewerIsDamaged(Planning planning) {
        if (!(planning instanceof Planning.Planned(RestorePlan plan))) {
            return planning;
        }
        return facts.damaged().stream()
                .filter(damage -> isNewer(damage, plan.backup().id()))
                .findFirst()
                .<Planning>map(damage ->
                        new Planning.Refused(
                                damage
                                        + "; it seems to be of a newer backup than "
                                        + plan.backup().id(),
                                "put it back from another copy of the repository, or take another"
                                        + " backup",
                                List.of()))
                .orElse(planning);
    }

    private static boolean isNewer(Damage damage, BackupId than) {
        Matcher description = DESCRIPTION.matcher(damage.key());
        try {
            return description.matches()
                    && BackupId.parse(description.group(1)).compareTo(than) > 0;
        } catch (IllegalArgumentException stranger) {
            return false;
        }
    }

    /**
     * The newest moment that can be restored along a timeline; empty if there is none.
     *
     * @param plan of the drill
     */
    Optional<Instant> newest(RestorePlan plan) {
        return planner.defaultLineage()
                .filter(lineage -> lineage.timeline().equals(plan.timeline()))
                .flatMap(lineage -> planner.reachable(lineage).stream().reduce((_, last) -> last))
                .map(Reachable::to);
    }

    /** How far behind {@code now} a moment is; two clocks may differ. */
    static Duration behind(Instant moment, Instant now) {
        return moment.isAfter(now) ? Duration.ZERO : Duration.between(moment, now);
    }

    /** Whether what keeps a drill from being planned lies in the archive, and not in the asking. */
    boolean isOfTheArchive(DrillRequest request) {
        if (facts.backups().isEmpty() || !facts.damaged().isEmpty()) {
            return true;
        }
        boolean isLineageClear =
                request.timeline()
                        .map(it -> it.equals(TimelineId.FIRST) || facts.histories().containsKey(it))
                        .orElseGet(() -> planner.defaultLineage().isPresent());
        boolean isBackupThere =
                request.backup()
                        .map(it -> facts.backups().stream().anyMatch(b -> b.id().equals(it)))
                        .orElse(true);
        return isLineageClear && isBackupThere && request.moment().isAlwaysReachable();
    }
}
