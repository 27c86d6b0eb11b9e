package io.matriarch.archiver.retention;

import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.SidecarMemory;
import io.matriarch.archiver.push.BackfillReport;
import io.matriarch.archiver.push.FakeWal;
import io.matriarch.archiver.push.PushSettings;
import io.matriarch.archiver.push.WalArchiver;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What a sidecar does with a long archive, in a process of its own. */
final class LongArchiveProcess {

    static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);

    private static final WriterEpoch EPOCH = new WriterEpoch(2);

    private LongArchiveProcess() {}

    public static void main(String[] arguments) throws Exception {
        try (SidecarMemory _ = SidecarMemory.occupied();
                ObjectStore store =
                        ObjectStore.open(S3Double.settings(StoreLocation.parse(arguments[1])))) {
            switch (arguments[0]) {
                case "prune" -> prune(store);
                default -> backfill(store, Path.of(arguments[2]), Long.parseLong(arguments[3]));
            }
        }
    }

    private static void prune(ObjectStore store) {
        RetentionFacts facts = RetentionFacts.of(store, LAYOUT, Optional.empty(), Set.of());
        PruneReport report =
                new Pruner(store, LAYOUT, () -> {})
                        .prune(facts, RetentionPolicy.keep(1), Instant.now());
        System.out.println("pruned " + report.walSegments());
        Planning planning =
                new RestorePlanner(ArchiveSurvey.forRestore(store, LAYOUT, Optional.empty()))
                        .plan(RestoreRequest.of(new RestoreTarget.Latest()));
        if (planning instanceof Planning.Planned(var plan)) {
            System.out.println("planned " + plan.wal().size());
        }
    }

    /** A new primary, whose predecessor left its last segment unarchived. */
    private static void backfill(ObjectStore store, Path directory, long segments)
            throws IOException, InterruptedException {
        FakeWal wal = new FakeWal(directory.resolve("data"));
        WalSegment last = new WalSegment(TimelineId.FIRST, segments, FakeWal.SIZE);
        wal.writeSegment(last.name(), 1);
        Lsn left = last.end().plus(40);
        TimelineId two = new TimelineId(2);
        String history = "1\t" + left + "\tno recovery target specified\n";
        wal.write(two.historyFileName(), history.getBytes(StandardCharsets.UTF_8));
        try (WalArchiver archiver =
                new WalArchiver(
                        PushSettings.of(
                                LAYOUT,
                                FakeWal.SIZE,
                                "node2/a",
                                wal.data(),
                                directory.resolve("spool")),
                        store,
                        () -> Optional.of(EPOCH))) {
            BackfillReport report = archiver.backfill(TimelineHistory.parse(two, history), EPOCH);
            System.out.println("continuous " + report.isContinuous());
            System.out.println("pushed " + report.pushed().size());
        }
    }
}
