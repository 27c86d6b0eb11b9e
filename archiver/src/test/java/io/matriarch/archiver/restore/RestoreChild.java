package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A restore in a process of its own, which can be killed. */
final class RestoreChild {

    private RestoreChild() {}

    /**
     * Restores all that there is.
     *
     * @param arguments store, system identifier, directory, {@code new} or {@code delta}, and the
     *     port of a server to start, or 0
     */
    public static void main(String[] arguments) throws InterruptedException {
        RepositoryLayout layout =
                new RepositoryLayout(new ClusterName("test"), SystemIdentifier.parse(arguments[1]));
        RestoreOptions usual = Restores.into(Path.of(arguments[2]));
        RestoreOptions options = arguments[3].equals("delta") ? usual.asDelta() : usual;
        int port = Integer.parseInt(arguments[4]);
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(StoreLocation.parse(arguments[0])))) {
            Planning planning =
                    new RestorePlanner(ArchiveSurvey.of(store, layout, Optional.empty()))
                            .plan(RestoreRequest.of(new RestoreTarget.Latest()));
            if (!(planning instanceof Planning.Planned(var plan))) {
                throw new IllegalStateException(planning.toString());
            }
            RestoreRun run = new RestoreRun(store, layout, plan, options);
            if (port == 0) {
                run.run(TransferProgress.SILENT);
                return;
            }
            try (PlannedWal stream = run.stream()) {
                run.run(TransferProgress.SILENT, stream);
                Restores.start(options.directory(), port).follow(progress -> {});
            }
        }
    }

    /** Begins one. */
    static Process begin(TestCluster cluster, Path directory, String kind, int port)
            throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RestoreChild.class.getName(),
                        "file://" + cluster.folder().resolve("store"),
                        cluster.layout().systemIdentifier().toString(),
                        directory.toString(),
                        kind,
                        Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(
                                cluster.folder().resolve("child.log").toFile()))
                .start();
    }
}
