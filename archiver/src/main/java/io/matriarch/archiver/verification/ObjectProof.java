package io.matriarch.archiver.verification;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchException;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.readback.BundleReading;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.host.ScratchException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads an object back as a restore would, to its last byte: digests, checksums of frames, headers
 * of segments, and each file's checksum against the manifest. May be used by several threads.
 */
final class ObjectProof implements AutoCloseable {

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final Download download;
    private final BundleReading bundles;
    private final WalSegmentSize segmentSize;
    private final ArchivedWal wal;
    private final Map<String, BaseBackup> backups = new HashMap<>();
    private final Map<String, TimelineId> timelines = new HashMap<>();
    private final OpenBackups opened;

    ObjectProof(ObjectStore store, RepositoryLayout layout, ArchiveFacts facts) {
        this.store = store;
        this.layout = layout;
        this.download = new Download(store);
        this.bundles = new BundleReading(download);
        this.opened = new OpenBackups(download, layout);
        this.segmentSize = facts.wal().segmentSize();
        this.wal = new ArchivedWal(store, layout, segmentSize);
        facts.backups().forEach(it -> backups.put(RepositoryLayout.backupName(it.id()), it));
        facts.wal()
                .ranges()
                .keySet()
                .forEach(it -> timelines.put(RepositoryLayout.walName(it), it));
    }

    /**
     * Proves one object, and tells what it is like.
     *
     * @throws StoreException if the store gives no clean answer
     */
    void of(Numbered object, Findings findings) {
        unlessCold(keys(object), findings, () -> read(object, findings));
    }

    /**
     * @param keys of what is read
     */
    private void unlessCold(List<String> keys, Findings findings, Runnable reading) {
        try {
            reading.run();
        } catch (StoreException e) {
            if (e.isTransient() || keys.stream().noneMatch(this::isCold)) {
                throw e;
            }
            findings.isCold();
        }
    }

    private boolean isCold(String key) {
        return store.head(key).filter(it -> !it.storage().isReadable()).isPresent();
    }

    /** Where it is stored, and before that what is needed to prove it. */
    private List<String> keys(Numbered object) {
        TimelineId timeline = timelines.get(object.folder());
        if (timeline != null) {
            return List.of(layout.segment(segment(timeline, object)));
        }
        BaseBackup backup = backups.get(object.folder());
        return backup == null
                ? List.of()
                : List.of(
                        layout.manifest(backup.id()),
                        layout.bundle(backup.id(), Math.toIntExact(object.number())));
    }

    private WalSegment segment(TimelineId timeline, Numbered object) {
        return new WalSegment(timeline, object.number(), segmentSize);
    }

    private void read(Numbered object, Findings findings) {
        TimelineId timeline = timelines.get(object.folder());
        if (timeline != null) {
            segment(object, segment(timeline, object), findings);
            return;
        }
        BaseBackup backup = backups.get(object.folder());
        if (backup == null) {
            findings.hasVanished();
            return;
        }
        try {
            bundle(object, backup);
            findings.isWhole(object);
        } catch (RestoreException e) {
            if (e.getCause() instanceof LockedException) {
                locked(object, backup, findings);
                return;
            }
            if (e.getCause() instanceof ScratchException) {
                // This host has no room: nothing is wrong with the archive.
                throw e;
            }
            if (store.head(layout.backup(backup.id())).isEmpty()) {
                findings.hasVanished();
            } else {
                findings.isDamaged(object, damage(keys(object), e));
            }
        }
    }

    /** Its bytes may be told to be good by who cannot read them. */
    private void locked(Numbered object, BaseBackup backup, Findings findings) {
        String name = RepositoryLayout.bundleName(Math.toIntExact(object.number()));
        String key = layout.bundle(backup.id(), Math.toIntExact(object.number()));
        Optional<String> expected =
                backup.objects().stream()
                        .filter(it -> it.name().equals(name))
                        .map(BackupObject::sha256)
                        .findFirst();
        Proof proof = stored(key, expected);
        findings.isLocked();
        proof.damage()
                .ifPresentOrElse(
                        damage -> findings.isDamaged(object, damage),
                        () -> findings.isWhole(object));
    }

    /** What can be said of the bytes alone. */
    private Proof stored(String key, Optional<String> sha256) {
        if (sha256.isEmpty()) {
            return new Proof(Optional.empty(), false);
        }
        String found = download.read(key, Sha256::hex);
        return new Proof(
                found.equals(sha256.get())
                        ? Optional.empty()
                        : Optional.of(
                                new Damage(
                                        key,
                                        "SHA-256 " + found + " (expected: " + sha256.get() + ")")),
                true);
    }

    private void segment(Numbered object, WalSegment segment, Findings findings) {
        WalName name = WalName.Segment.of(segment);
        prove(name, findings)
                .ifPresentOrElse(
                        proof -> {
                            if (proof.damage().isPresent()) {
                                findings.isDamaged(object, proof.damage().get());
                            } else if (proof.isProven()) {
                                findings.isWhole(object);
                            }
                        },
                        findings::hasVanished);
    }

    /** What of the log has no number of its own: labels of backups, and beginnings of segments. */
    void ofTheRest(ArchiveFacts facts, Findings findings) {
        facts.wal().labels().forEach(text -> rest(text, findings));
        facts.wal().partials().forEach(text -> rest(text + ".partial", findings));
    }

    private void rest(String text, Findings findings) {
        WalName.tryParse(text)
                .ifPresent(name ->
                        unlessCold(
                                List.of(layout.wal(name)),
                                findings,
                                () ->
                                        prove(name, findings)
                                                .flatMap(Proof::damage)
                                                .ifPresent(findings::add)));
    }

    /**
     * What has become of reading a file.
     *
     * @param isProven whether it was found out; if not, nothing is known to be wrong
     */
    private record Proof(Optional<Damage> damage, boolean isProven) {}

    /** Empty if the file is not there. */
    private Optional<Proof> prove(WalName name, Findings findings) {
        try {
            return wal.prove(name)
                    ? Optional.of(new Proof(Optional.empty(), true))
                    : Optional.empty();
        } catch (FetchException e) {
            if (e.isLocked()) {
                findings.isLocked();
                String key = layout.wal(name);
                return store.head(key).map(object -> stored(key, WalContent.storedSha256(object)));
            }
            Damage damage = new Damage(layout.wal(name), oneLine(e));
            return Optional.of(new Proof(Optional.of(damage), true));
        }
    }

    private void bundle(Numbered object, BaseBackup backup) {
        String name = RepositoryLayout.bundleName(Math.toIntExact(object.number()));
        opened.show(
                backup,
                held -> {
                    BackupObject bundle = held.object(name).orElseThrow();
                    bundles.read(
                            held.key(bundle), bundle, held.files(bundle), BundleReading::prove);
                });
    }

    /** Of the object that the message names; else of the last. */
    private static Damage damage(List<String> keys, RestoreException e) {
        String text = oneLine(e);
        for (String named : keys) {
            String prefix = "object " + named + ": ";
            if (text.startsWith(prefix)) {
                return new Damage(named, text.substring(prefix.length()));
            }
        }
        return new Damage(keys.getLast(), text);
    }

    private static String oneLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).strip().replace('\n', ' ');
    }

    @Override
    public void close() {
        opened.close();
    }
}
