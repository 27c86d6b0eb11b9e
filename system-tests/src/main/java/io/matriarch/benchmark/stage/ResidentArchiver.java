package io.matriarch.benchmark.stage;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchSettings;
import io.matriarch.archiver.fetch.WalFetcher;
import io.matriarch.archiver.increment.BackupType;
import io.matriarch.archiver.increment.IncrementPolicy;
import io.matriarch.archiver.push.PushSettings;
import io.matriarch.archiver.push.WalArchiver;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.script.ControlScripts;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.outside.Console;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The archiver of a sidecar, as a process of its own: it obeys words on its standard input, and
 * answers each with a line that begins with {@code done}.
 *
 * <p>Arguments: data directory, directory of the server's socket, repository's URL, control
 * directory (with its spool), parallel work, zstd level.
 */
public final class ResidentArchiver {

    private static final WriterEpoch EPOCH = new WriterEpoch(1);

    /** Twice the processors of the contest, for half of them may be waiting for the store. */
    private static final int LANES = 4;

    /** What serves the scripts now. */
    private record Running(Runnable wake, Runnable end) {

        void close() {
            end.run();
        }
    }

    private final Path dataDirectory;
    private final ServerAddress server;
    private final String repository;
    private final Path control;
    private final int parallel;
    private final int level;
    private final PrintWriter answers = Console.OUT;
    private volatile Running running = new Running(() -> {}, () -> {});

    private ResidentArchiver(String[] arguments) {
        this.dataDirectory = Path.of(arguments[0]);
        this.server = ServerAddress.unixSocket(Path.of(arguments[1]), 5432, "postgres");
        this.repository = arguments[2];
        this.control = Path.of(arguments[3]);
        this.parallel = Integer.parseInt(arguments[4]);
        this.level = Integer.parseInt(arguments[5]);
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        new ResidentArchiver(arguments).obey();
    }

    private void obey() throws IOException, InterruptedException {
        ControlFile controlFile = new DataDirectory(dataDirectory).controlFile().orElseThrow();
        RepositoryLayout layout =
                new RepositoryLayout(new ClusterName("bench"), controlFile.systemIdentifier());
        WalSegmentSize segments = controlFile.walSegmentSize();
        new ControlScripts(control, spool(), ControlScripts.TROUBLE_OF_A_RESTORE).install();
        listen();
        BufferedReader orders =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(StoreLocation.parse(repository)))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                switch (order) {
                    case "claim" ->
                            Claims.take(
                                    store,
                                    layout,
                                    Claim.of(layout, "bench", segments, Instant.now()));
                    case "archive" -> archive(store, layout, segments);
                    case "fetch" -> fetch(store, layout, segments);
                    case "backup" -> backup(store, layout, BackupType.FULL);
                    case "increment" -> backup(store, layout, BackupType.INCREMENTAL);
                    default -> throw new IllegalArgumentException("order: " + order);
                }
                answers.println("done " + order);
            }
        } finally {
            running.close();
        }
    }

    /** As after a restart: nothing is known of what was archived before. */
    private void archive(ObjectStore store, RepositoryLayout layout, WalSegmentSize segments) {
        running.close();
        PushSettings settings =
                new PushSettings(layout, segments, "bench", dataDirectory, spool(), LANES, level);
        WalArchiver archiver = new WalArchiver(settings, store, () -> Optional.of(EPOCH));
        archiver.start();
        running = new Running(archiver::wake, archiver::close);
    }

    private void fetch(ObjectStore store, RepositoryLayout layout, WalSegmentSize segments) {
        running.close();
        WalFetcher fetcher =
                new WalFetcher(
                        FetchSettings.of(spool()),
                        new ArchivedWal(store, layout, segments),
                        () -> "bench",
                        () -> TimelineId.FIRST);
        fetcher.start();
        running = new Running(fetcher::wake, fetcher::close);
    }

    private Path spool() {
        return control.resolve("spool");
    }

    private void backup(ObjectStore store, RepositoryLayout layout, BackupType type)
            throws InterruptedException {
        BackupSource source = new BackupSource(server, dataDirectory, "bench", EPOCH.value());
        BackupSettings settings =
                new BackupSettings(parallel, level, 64L << 20, Duration.ofMinutes(10))
                        .withIncrements(IncrementPolicy.DEFAULT.withType(type));
        BaseBackup taken =
                new BackupRun(store, layout, source, settings, new WalSwitch(server))
                        .run("bench", TransferProgress.SILENT);
        if (taken.isIncremental() != (type == BackupType.INCREMENTAL)) {
            throw new IllegalStateException("backup " + taken.id() + " is not " + type);
        }
        answers.println("backup " + taken.id() + " " + taken.totals().storedBytes());
    }

    /** The bell that the scripts ring. */
    private void listen() {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    Path fifo = control.resolve("bell.sidecar");
                    while (true) {
                        try (InputStream bell = Files.newInputStream(fifo)) {
                            while (bell.read() >= 0) {
                                running.wake().run();
                            }
                        } catch (IOException e) {
                            return;
                        }
                    }
                });
    }
}
