package io.matriarch.archiver.restore;

import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.SteppedStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A part of a restore in a process of its own, which ends as if by a kill in the midst of it. */
final class DyingRestore {

    /** What the kernel makes of a process that signal 9 has ended. */
    static final int KILLED = 137;

    /** Two for each segment, so that it has one and is about to have the next. */
    private static final int STEPS = 4;

    private DyingRestore() {}

    /**
     * @param arguments {@code look}, a directory, store and system identifier; or {@code start}, a
     *     restored directory and a folder of programs, which do the killing
     */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments[0].equals("look")) {
            look(Path.of(arguments[1]), arguments[2], SystemIdentifier.parse(arguments[3]));
        } else {
            start(Path.of(arguments[1]), Path.of(arguments[2]));
        }
    }

    /** Looks for transactions after a time, and dies when it has read some of the log. */
    private static void look(Path directory, String location, SystemIdentifier system) {
        RepositoryLayout layout = new RepositoryLayout(new ClusterName("test"), system);
        AtomicInteger read = new AtomicInteger();
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(StoreLocation.parse(location)))) {
            RestorePlan plan = plan(store, layout);
            ObjectStore dying = new SteppedStore(store, step -> dieLater(step, read));
            new RestoreRun(dying, layout, plan, Restores.into(directory)).check(false);
        }
    }

    private static void dieLater(SteppedStore.Step step, AtomicInteger read) {
        boolean isOfSegment = step.keys().stream().anyMatch(it -> it.endsWith(".zst"));
        if (isOfSegment && read.incrementAndGet() == STEPS) {
            Runtime.getRuntime().halt(KILLED);
        }
    }

    private static RestorePlan plan(ObjectStore store, RepositoryLayout layout) {
        Planning planning =
                new RestorePlanner(ArchiveSurvey.of(store, layout, Optional.empty()))
                        .plan(RestoreRequest.of(new RestoreTarget.Latest()));
        if (!(planning instanceof Planning.Planned(var plan))) {
            throw new IllegalStateException(planning.toString());
        }
        return new RestorePlan(
                new RestoreTarget.PointInTime(Instant.now(), true),
                plan.backup(),
                List.of(),
                plan.timeline(),
                plan.wal(),
                plan.end(),
                plan.madeByReplay(),
                plan.histories(),
                plan.notes());
    }

    private static void start(Path directory, Path programs) throws InterruptedException {
        RestoredServer _ =
                RestoredServer.start(
                        directory,
                        new ServerPrograms(
                                programs,
                                Optional.empty(),
                                10_000,
                                TestCluster.USER,
                                Duration.ofMinutes(1)));
    }

    /** Lets one die; everything that it puts into the temporary directory goes to a folder. */
    static int run(Path temporary, Path log, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingRestore.class.getName());
        builder.command().addAll(List.of(arguments));
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    }
}
