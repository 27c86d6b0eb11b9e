package io.matriarch.archiver.drill;

import io.matriarch.archiver.drill.DrillReport.Phase;
import io.matriarch.archiver.drill.DrillReport.Reached;
import io.matriarch.archiver.drill.DrillReport.Source;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.recovery.ServerTools;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.archiver.restore.RestoreOptions;
import io.matriarch.archiver.restore.RestoreReport;
import io.matriarch.archiver.restore.RestoreRun;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.RunningServers;
import io.matriarch.postgres.sql.ServerAddress;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Restores a backup to a moment in a folder of its own, starts a server there that nobody else can
 * reach, looks whether it came where it should and whether its data is in order, and throws it all
 * away. A report is kept in the repository, also of a drill that has failed.
 */
public final class DrillRun {

    /** Only the name of a socket in a folder that nobody else can enter. */
    private static final int PORT = 1;

    /** It is alone, and must not do what the cluster does: jobs would run twice. */
    private static final Map<String, String> ALONE =
            Map.of(
                    "listen_addresses", "",
                    "ssl", "off",
                    "autovacuum", "off",
                    "cron.launch_active_jobs", "off");

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final Optional<TimelineId> committed;
    private final DrillOptions options;

    /**
     * @param committed the timeline that the cluster is on, if the cluster could be asked
     */
    public DrillRun(
            ObjectStore store,
            RepositoryLayout layout,
            Optional<TimelineId> committed,
            DrillOptions options) {
        this.store = store;
        this.layout = layout;
        this.committed = committed;
        this.options = options;
    }

    /** How a drill ended. */
    public sealed interface Result {

        /**
         * It was held.
         *
         * @param kept the restored directory, if it is kept
         * @param unremembered why nobody will know of it; empty if the repository has the report
         * @param silence of the store, if that is why it failed
         */
        record Held(
                DrillReport report,
                Optional<Path> kept,
                Optional<String> unremembered,
                Optional<StoreException> silence)
                implements Result {}

        /** What was asked for cannot be, and that says nothing of the archive. */
        record Refused(String reason, String hint) implements Result {}
    }

    /** What was asked for makes no sense here. */
    private static final class Misasked extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Planning.Refused refused;

        Misasked(Planning.Refused refused) {
            super(refused.reason());
            this.refused = refused;
        }
    }

    /**
     * Holds it.
     *
     * @param host where this is, for the report
     * @throws InterruptedException if somebody ends it: then nothing of it is left, and no report
     */
    public Result run(DrillRequest request, String host, DrillProgress progress)
            throws InterruptedException {
        Course course = new Course(request, host, Instant.now(), System.nanoTime());
        Optional<StoreException> silence = Optional.empty();
        try {
            hold(request, course, progress);
        } catch (Misasked e) {
            return new Result.Refused(e.refused.reason(), e.refused.hint());
        } catch (RestoreException e) {
            course.fail(!e.isOfThisHost(), String.valueOf(e.getMessage()), e.hint());
        } catch (RepositoryException e) {
            course.fail(true, String.valueOf(e.getMessage()), e.hint());
        } catch (StoreException e) {
            silence = Optional.of(e);
            course.fail(false, String.valueOf(e.getMessage()), e.hint());
        } catch (UncheckedIOException e) {
            course.fail(false, String.valueOf(e.getMessage()), "check the file system");
        }
        if (Thread.interrupted()) {
            // What has failed for that has not failed.
            throw new InterruptedException("drill");
        }
        DrillReport report = course.report(Instant.now(), System.nanoTime());
        return new Result.Held(report, course.kept(), remember(report), silence);
    }

    /** Whoever may only read holds a drill all the same. */
    private Optional<String> remember(DrillReport report) {
        try {
            String _ = new DrillStore(store, layout).write(report);
            return Optional.empty();
        } catch (StoreException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void hold(DrillRequest request, Course course, DrillProgress progress)
            throws InterruptedException {
        begin(Phase.PLAN, course, progress);
        RestorePlan plan = plan(request, course);
        ServerPrograms programs =
                alone(options.server().programs().of(version(plan)), options.server().settings());
        ServerTools tools = new ServerTools(programs);
        Neighbours.check(plan, RunningServers.ofThisHost());
        ScratchFolder scratch = ScratchFolder.make(options.scratch(), tools, options.isKept());
        try {
            course.keep(scratch.kept());
            scratch.others()
                    .forEach(it -> progress.onNote("an earlier drill was told to keep " + it));
            progress.onPlan(plan, scratch.folder());
            ServerAddress address = restore(plan, scratch, programs, course, progress);
            check(plan, scratch, tools, address, course, progress);
        } finally {
            scratch.leave();
        }
    }

    private static void begin(Phase phase, Course course, DrillProgress progress) {
        course.begin(phase, System.nanoTime());
        progress.onPhase(phase);
    }

    private static PostgresVersion version(RestorePlan plan) {
        return new PostgresVersion(plan.backup().server().version());
    }

    private static ServerPrograms alone(ServerPrograms found, Map<String, String> asked) {
        Map<String, String> settings = new HashMap<>(asked);
        settings.putAll(ALONE);
        return new ServerPrograms(
                found.programs(),
                found.runAs(),
                PORT,
                found.superuser(),
                found.patience(),
                settings);
    }

    private RestorePlan plan(DrillRequest request, Course course) {
        ArchiveFacts facts = ArchiveSurvey.forRestore(store, layout, committed);
        DrillPlanner planner = new DrillPlanner(facts);
        return switch (planner.plan(request)) {
            case Planning.Planned(RestorePlan plan) -> {
                course.planned(
                        words(plan.target()),
                        new Source(
                                plan.backup().id(),
                                plan.backup().stopTime(),
                                plan.backup().server().member(),
                                plan.timeline(),
                                plan.backup().totals().files(),
                                plan.backup().totals().bytes(),
                                plan.backup().totals().storedBytes()),
                        planner.newest(plan).map(it -> DrillPlanner.behind(it, course.begun())));
                yield plan;
            }
            case Planning.Refused refused -> {
                if (!planner.isOfTheArchive(request)) {
                    throw new Misasked(refused);
                }
                throw new RestoreException(refused.reason(), refused.hint());
            }
        };
    }

    /** In the words that the command takes. */
    private static String words(RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.AtLsn(Lsn lsn, boolean _) -> lsn.toString();
            case RestoreTarget.PointInTime(Instant time, boolean _) -> time.toString();
            case RestoreTarget.Latest() -> "latest";
            case RestoreTarget.Immediate _, RestoreTarget.Xid _, RestoreTarget.RestorePoint _ ->
                    target.toString();
        };
    }

    /** Returns when the server takes queries at the target. */
    private ServerAddress restore(
            RestorePlan plan,
            ScratchFolder scratch,
            ServerPrograms programs,
            Course course,
            DrillProgress progress)
            throws InterruptedException {
        RestoreOptions places = places(plan, scratch, programs);
        try (RestoreRun run = new RestoreRun(store, layout, plan, places);
                PlannedWal stream = run.stream()) {
            run.check(true);
            begin(Phase.RESTORE, course, progress);
            RestoreReport restored = run.run(progress, stream);
            course.restored(restored.files());
            begin(Phase.REPLAY, course, progress);
            try {
                return replay(plan, scratch, programs, course, progress);
            } catch (RestoreException e) {
                // What the server says is that it got no segment; why, the stream knows.
                throw stream.failure().orElse(e);
            }
        }
    }

    private RestoreOptions places(
            RestorePlan plan, ScratchFolder scratch, ServerPrograms programs) {
        Map<Long, Path> tablespaces = new LinkedHashMap<>();
        plan.backup()
                .tablespaces()
                .forEach(it -> tablespaces.put(it.oid(), scratch.tablespace(it.oid())));
        return new RestoreOptions(
                scratch.data(),
                RestoreMode.Recover.DEFAULT,
                tablespaces,
                programs.runAs(),
                options.parallel(),
                false,
                options.isRoomChecked());
    }

    private static ServerAddress replay(
            RestorePlan plan,
            ScratchFolder scratch,
            ServerPrograms programs,
            Course course,
            DrillProgress progress)
            throws InterruptedException {
        RestoredServer server = RestoredServer.start(scratch.data(), programs);
        RecoveryOutcome outcome = server.follow(progress::onReplay);
        Optional<String> complaint = Arrival.complaint(plan, outcome);
        if (complaint.isPresent()) {
            throw new RestoreException(
                    complaint.get(), "hold it again with --keep, and look at what was restored");
        }
        Lsn lsn = outcome.replayed().orElseThrow();
        course.reached(
                new Reached(lsn, outcome.lastCommit(), Arrival.segments(plan, lsn)),
                System.nanoTime());
        return server.address();
    }

    private void check(
            RestorePlan plan,
            ScratchFolder scratch,
            ServerTools tools,
            ServerAddress address,
            Course course,
            DrillProgress progress)
            throws InterruptedException {
        Checks checks = new Checks(tools, options.parallel(), options.patience());
        begin(Phase.CHECK, course, progress);
        course.add(checks.amcheck(address));
        if (options.query().isPresent()) {
            begin(Phase.QUERY, course, progress);
            course.add(checks.query(address, options.query().get()));
        }
        if (plan.backup().server().hasChecksums()) {
            tools.stopServer(scratch.data());
            begin(Phase.CHECK, course, progress);
            course.add(checks.checksums(scratch.data()));
        }
    }
}
