package io.matriarch.benchmark;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchSettings;
import io.matriarch.archiver.fetch.WalFetcher;
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
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
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

    private final Path dataDirectory;
    private final ServerAddress server;
    private final String repository;
    private final Path control;
    private final int parallel;
    private final int level;

    private ResidentArchiver(String[] arguments) {
        this.dataDirectory = Path.of(arguments[0]);
        this.server = ServerAddress.unixSocket(Path.of(arguments[1]), 5432, "postgres");
        this.repository = arguments[2];
        this.control = Path.of(arguments[3]);
        this.parallel = Integer.parseInt(arguments[4]);
        this.level = Integer.parseInt(arguments[5]);
    }

    public static void main(String[] arguments) throws Exception {
        new ResidentArchiver(arguments).obey();
    }

    private void obey() throws IOException, InterruptedException {
        DataDirectory data = new DataDirectory(dataDirectory);
        var controlFile = data.controlFile().orElseThrow();
        SystemIdentifier system = controlFile.systemIdentifier();
        RepositoryLayout layout = new RepositoryLayout(new ClusterName("bench"), system);
        new ControlScripts(control, spool(), ControlScripts.TROUBLE_OF_A_RESTORE).install();
        try (ObjectStore store =
                        ObjectStore.open(StoreSettings.of(StoreLocation.parse(repository)));
                WalFetcher fetcher =
                        new WalFetcher(
                                FetchSettings.of(spool()),
                                new ArchivedWal(store, layout, controlFile.walSegmentSize()),
                                () -> TimelineId.FIRST);
                WalArchiver archiver =
                        new WalArchiver(
                                new PushSettings(
                                        layout,
                                        controlFile.walSegmentSize(),
                                        "bench",
                                        dataDirectory,
                                        spool(),
                                        2 * parallel,
                                        level),
                                store,
                                () -> Optional.of(EPOCH))) {
            BufferedReader orders =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                switch (order) {
                    case "claim" ->
                            Claims.take(
                                    store,
                                    layout,
                                    Claim.of(
                                            layout,
                                            "bench",
                                            controlFile.walSegmentSize(),
                                            Instant.now()));
                    case "archive" -> {
                        archiver.start();
                        listen(archiver::wake);
                    }
                    case "fetch" -> {
                        fetcher.start();
                        listen(fetcher::wake);
                    }
                    case "backup" -> backup(store, layout);
                    default -> throw new IllegalArgumentException("order: " + order);
                }
                System.out.println("done " + order);
            }
        }
    }

    private Path spool() {
        return control.resolve("spool");
    }

    private void backup(ObjectStore store, RepositoryLayout layout) throws InterruptedException {
        BackupSource source = new BackupSource(server, dataDirectory, "bench", EPOCH.value());
        BackupSettings settings =
                new BackupSettings(parallel, level, 64L << 20, Duration.ofMinutes(10));
        BaseBackup taken =
                new BackupRun(store, layout, source, settings, new WalSwitch(server))
                        .run("bench", TransferProgress.SILENT);
        System.out.println(taken.totals().storedBytes() + " bytes stored");
    }

    /** The bell that the scripts ring. */
    private void listen(Runnable wake) {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (true) {
                        try (InputStream bell =
                                new FileInputStream(control.resolve("bell.sidecar").toFile())) {
                            while (bell.read() >= 0) {
                                wake.run();
                            }
                        } catch (IOException e) {
                            return;
                        }
                    }
                });
    }
}
