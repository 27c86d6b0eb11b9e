package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.PostgresManifest;
import io.matriarch.archiver.increment.ParentChoice;
import io.matriarch.archiver.increment.Reference;
import io.matriarch.archiver.journal.BackupJournal;
import io.matriarch.archiver.journal.InterruptedBackup;
import io.matriarch.archiver.journal.InterruptedBackup.LeftBundle;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.host.OwnLock;
import io.matriarch.postgres.sql.BackupEnd;
import io.matriarch.postgres.sql.BackupSession;
import io.matriarch.postgres.sql.ServerException;
import io.matriarch.postgres.sql.ServerIdentity;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one base backup. Until {@code backup.json} is created, as the very last act and from what
 * the store has confirmed, there is no backup: a run that ends anywhere before leaves garbage in a
 * folder of its own, which retention removes.
 *
 * <p>What a killed run has left is taken over by the next one on the same data directory, in the
 * same folder, as far as each file is proven to be still the same.
 *
 * <p>Memory: for each of {@code parallel} threads a read buffer, a compressor, the store's part
 * buffer and the names in one bundle. What must be known of every file lies in private files beside
 * the lock; of each, eight bytes are held at the end, and some 64 while another run is taken over.
 */
public final class BackupRun {

    private static final Logger log = LoggerFactory.getLogger(BackupRun.class);

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final BackupSource source;
    private final BackupSettings settings;
    private final WalSwitch walSwitch;

    /**
     * @param walSwitch reaches the primary, also when the backup is taken from a standby
     */
    public BackupRun(
            ObjectStore store,
            RepositoryLayout layout,
            BackupSource source,
            BackupSettings settings,
            WalSwitch walSwitch) {
        this.store = store;
        this.layout = layout;
        this.source = source;
        this.settings = settings;
        this.walSwitch = walSwitch;
    }

    /** What a run knows once the server has ended the backup. */
    private record Taken(
            BackupServer server,
            DataCopy copy,
            BackupEnd end,
            BackupWal wal,
            List<BaseBackup> ancestors,
            BundleUpload.Stored last) {

        Taken with(BackupWal known) {
            return new Taken(server, copy, end, known, ancestors, last);
        }
    }

    /** Where the backup goes, and what is there already. */
    private record Folder(BackupId id, List<LeftBundle> left, int nextBundle, int nextPage) {

        boolean isTakenOver() {
            return nextPage > 0;
        }
    }

    /** {@link #run(String, BackupWatch)} for somebody who has no say in it. */
    public BaseBackup run(String label, TransferProgress progress) throws InterruptedException {
        return run(label, BackupWatch.of(progress));
    }

    /**
     * Takes the backup.
     *
     * @param label for people; also in {@code backup_label}
     * @throws BackupException if it cannot be taken
     */
    public BaseBackup run(String label, BackupWatch watch) throws InterruptedException {
        try (OwnLock _ = lock();
                BackupScratch scratch = BackupScratch.in(scratchFolder());
                BackupSession session = BackupSession.open(source.server())) {
            ControlFile control = checkIdentity(session.identity());
            Folder folder = folder(session, control, scratch);
            watch.onPhase(folder.id(), BackupPhase.BEGINNING);
            Taken taken = take(session, control, folder, scratch, label, watch);
            watch.onPhase(folder.id(), BackupPhase.WAITING_FOR_WAL);
            Taken whole = awaitWal(taken);
            watch.onPhase(folder.id(), BackupPhase.COMPLETING);
            BaseBackup backup = commit(folder.id(), label, whole, watch);
            log.atInfo()
                    .addKeyValue("backup", folder.id())
                    .addKeyValue("bytes", backup.totals().bytes())
                    .addKeyValue("storedBytes", backup.totals().storedBytes())
                    .addKeyValue("durationMs", backup.duration().toMillis())
                    .log("base backup completed");
            return backup;
        } catch (IOException | UncheckedIOException e) {
            throw new BackupException(
                    "data directory " + source.dataDirectory() + ": " + e.getMessage(),
                    "check its file system and permissions",
                    e);
        } catch (ServerException e) {
            throw new BackupException(String.valueOf(e.getMessage()), e.hint(), e);
        }
    }

    /** Beside the lock: never in the data directory. */
    private Path scratchFolder() {
        Path parent = source.lock().toAbsolutePath().getParent();
        return parent == null ? Path.of("/") : parent;
    }

    /** Who holds it knows that no earlier run is still at work in the folder that it takes over. */
    private OwnLock lock() throws IOException {
        return OwnLock.tryTake(source.lock())
                .orElseThrow(() ->
                        new BackupException(
                                "lock "
                                        + source.lock()
                                        + ": held (expected: no other backup of this data"
                                        + " directory)",
                                "another process takes a backup here; wait for it, or end it"));
    }

    /** Files of one server under the name of another would be worth nothing. */
    private ControlFile checkIdentity(ServerIdentity identity) {
        ControlFile control =
                new DataDirectory(source.dataDirectory())
                        .controlFile()
                        .orElseThrow(() ->
                                new BackupException(
                                        "data directory "
                                                + source.dataDirectory()
                                                + ": no control file (expected: of system "
                                                + identity.systemIdentifier()
                                                + ")",
                                        "run the backup where the data directory lies"));
        boolean same =
                control.systemIdentifier().equals(identity.systemIdentifier())
                        && control.systemIdentifier().equals(layout.systemIdentifier());
        if (!same) {
            throw new BackupException(
                    "system identifier: %s in %s, %s of the server, %s of the repository"
                            .formatted(
                                    control.systemIdentifier(),
                                    source.dataDirectory(),
                                    identity.systemIdentifier(),
                                    layout.systemIdentifier()),
                    "data directory, connection and repository must be of one cluster");
        }
        if (!identity.version().isSupported()) {
            throw new BackupException(
                    "server version: " + identity.version() + " (expected: 14 to 18)",
                    "use a version of this program that knows this server");
        }
        return control;
    }

    private Folder folder(BackupSession session, ControlFile control, BackupScratch scratch) {
        return InterruptedBackup.find(
                        store,
                        layout,
                        source.member(),
                        control.timeline(),
                        Instant.now(),
                        scratch.left())
                .map(it -> new Folder(it.id(), it.bundles(), it.nextBundle(), it.nextPage()))
                .orElseGet(() ->
                        new Folder(
                                new BackupId(session.time(), new SecureRandom().nextInt()),
                                List.of(),
                                0,
                                0));
    }

    private Taken take(
            BackupSession session,
            ControlFile control,
            Folder folder,
            BackupScratch scratch,
            String label,
            BackupWatch watch)
            throws IOException, InterruptedException {
        ServerIdentity identity = session.identity();
        Instant startTime = session.time();
        BackupServer server = server(identity, control);
        ParentSearch parents = new ParentSearch(store, layout);
        Optional<BackupChain> chain =
                parents.find(
                        settings.increments(),
                        new ParentChoice.Occasion(
                                server, control.timeline(), identity.hasUsualBlocks(), startTime));
        BackupJournal journal = journal(control, folder, chain, watch);
        Lsn start = begin(session, journal, label);
        Optional<Reference> reference =
                chain.flatMap(it -> parents.reference(it, start, timeline()));
        log.atInfo()
                .addKeyValue("backup", folder.id())
                .addKeyValue("lsn", start)
                .addKeyValue("parent", reference.map(it -> it.parent().id().toString()).orElse(""))
                .log("base backup began");
        BundleUpload upload = new BundleUpload(store, layout, folder.id(), folder.nextBundle());
        Copying copying =
                new Copying(
                        source.dataDirectory(),
                        control.hasDataChecksums(),
                        settings,
                        upload,
                        journal,
                        reference,
                        scratch);
        DataCopy copy = copy(session, folder, scratch, copying, watch);
        // Of a standby it tells how far the copied files may be ahead: last, and before the stop.
        byte[] controlFile = ControlFileCopy.read(source.dataDirectory());
        BackupEnd end = session.end();
        BackupWal wal = wal(startTime, end, reference);
        ControlFileCopy.checkTimeline(controlFile, wal);
        checkTimeline(reference, wal);
        BundleUpload.Stored last;
        try (LastBundle bundle =
                new LastBundle(
                        copy.owner(),
                        upload.keyring(),
                        copy.files()::each,
                        new PostgresManifest.Origin(
                                server.version(), layout.systemIdentifier(), wal),
                        end,
                        controlFile,
                        scratch.folder())) {
            last = upload.upload(bundle);
        }
        List<BaseBackup> ancestors =
                reference.isPresent() ? chain.orElseThrow().backups() : List.of();
        return new Taken(server, copy, end, wal, ancestors, last);
    }

    /**
     * The checkpoint at the beginning has written it: after a promotion it was still the former.
     */
    private TimelineId timeline() {
        return new DataDirectory(source.dataDirectory()).controlFile().orElseThrow().timeline();
    }

    private static void checkTimeline(Optional<Reference> reference, BackupWal wal) {
        reference
                .map(it -> it.parent().wal().timeline())
                .filter(it -> !it.equals(wal.timeline()))
                .ifPresent(it -> {
                    throw new BackupException(
                            "timeline: %s (expected: %s, as of the backup that this one is based on)"
                                    .formatted(wal.timeline(), it),
                            "the server was promoted meanwhile; take the backup again");
                });
    }

    private static BackupWal wal(Instant startTime, BackupEnd end, Optional<Reference> reference) {
        return new BackupWal(
                end.label().timeline(),
                end.label().start(),
                end.stop(),
                startTime,
                end.time(),
                Optional.empty(),
                reference.map(Reference::base));
    }

    private BackupServer server(ServerIdentity identity, ControlFile control) {
        return new BackupServer(
                identity.version().number(),
                control.walSegmentSize(),
                source.member(),
                source.epoch(),
                identity.isInRecovery(),
                control.hasDataChecksums(),
                Optional.of(control.hintBits().areLogged()));
    }

    /** Retention must know of the backup before the server says where it begins. */
    private static Lsn begin(BackupSession session, BackupJournal journal, String label) {
        try {
            journal.announce();
            Lsn start = session.begin(label);
            journal.began(start);
            return start;
        } catch (ServerException | StoreException e) {
            journal.withdraw();
            throw e;
        }
    }

    private BackupJournal journal(
            ControlFile control, Folder folder, Optional<BackupChain> chain, BackupWatch watch) {
        if (folder.isTakenOver()) {
            watch.onPhase(folder.id(), BackupPhase.RESUMING);
        }
        return new BackupJournal(
                store,
                layout,
                folder.id(),
                new BackupJournal.Writer(
                        source.member(),
                        control.timeline(),
                        settings.journalEvery(),
                        chain.map(it -> it.last().id())),
                folder.nextPage());
    }

    private DataCopy copy(
            BackupSession session,
            Folder folder,
            BackupScratch scratch,
            Copying copying,
            BackupWatch watch)
            throws IOException, InterruptedException {
        DataCopy copy =
                copying.copy(
                        DirectoryScan.of(
                                source.dataDirectory(), session.tablespaceNames(), scratch.found()),
                        folder.left(),
                        () -> watch.onPhase(folder.id(), BackupPhase.COPYING),
                        watch);
        if (folder.isTakenOver()) {
            log.atInfo()
                    .addKeyValue("backup", folder.id())
                    .addKeyValue("found", folder.left().size())
                    .addKeyValue("reused", copy.reused())
                    .log("base backup took over from an interrupted run");
        }
        return copy;
    }

    private Taken awaitWal(Taken taken) throws InterruptedException {
        WalSegmentSize size = taken.server().walSegmentSize();
        WalArrival arrival = new WalArrival(store, layout, walSwitch, size);
        BackupWal wal =
                taken.wal().withMark(arrival.await(taken.wal().segments(size), settings.walWait()));
        return taken.with(wal);
    }

    private BaseBackup commit(BackupId id, String label, Taken taken, BackupWatch watch) {
        DataCopy copy = taken.copy();
        FileManifest.Files files =
                seen -> {
                    copy.files().each(seen);
                    taken.last().entries().forEach(seen);
                };
        LongAdder bytes = new LongAdder();
        files.each(file -> bytes.add(file.size()));
        List<BackupObject> objects = new ArrayList<>();
        copy.bundles().forEach(bundle -> objects.add(bundle.object()));
        objects.add(taken.last().object());
        BackupCommit commit = new BackupCommit(store, layout, id);
        FileManifest manifest =
                new FileManifest(BaseBackup.format(taken.wal()), copy.found().folders(), files);
        ManifestCheck.require(manifest, objects, copy.found().tablespaces());
        objects.add(commit.uploadManifest(manifest));
        List<CorruptPages> corrupt = copy.corruptPages(taken.wal().start(), taken.wal().stop());
        warn(id, corrupt, copy.found().skipped());
        BaseBackup backup =
                new BaseBackup(
                        BaseBackup.format(taken.wal()),
                        id,
                        label,
                        layout.cluster(),
                        layout.systemIdentifier(),
                        taken.server(),
                        taken.wal(),
                        new BackupTotals(
                                copy.files().size() + taken.last().entries().size(),
                                bytes.sum(),
                                objects.stream().mapToLong(BackupObject::size).sum(),
                                Instant.now()),
                        copy.found().tablespaces(),
                        corrupt,
                        copy.found().skipped(),
                        objects);
        commit.commit(backup, taken.ancestors(), watch);
        return backup;
    }

    private static void warn(BackupId id, List<CorruptPages> corrupt, List<String> skipped) {
        for (CorruptPages pages : corrupt) {
            log.atError()
                    .addKeyValue("backup", id)
                    .addKeyValue("file", pages.path())
                    .addKeyValue("blocks", pages.blocks())
                    .log("pages of the cluster are corrupt");
        }
        for (String path : skipped) {
            log.atWarn()
                    .addKeyValue("backup", id)
                    .addKeyValue("file", path)
                    .log("neither file nor directory, not in the backup");
        }
    }
}
