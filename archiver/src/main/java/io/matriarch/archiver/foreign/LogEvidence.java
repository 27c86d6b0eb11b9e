package io.matriarch.archiver.foreign;

import io.matriarch.archiver.codec.CodecException;
import io.matriarch.archiver.fetch.WalObjects;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.wal.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** What the archived log tells of backups: WAL-E writes down very little itself. */
final class LogEvidence {

    private static final int LABEL_BYTES = 64 << 10;

    private final ObjectStore store;
    private final WalObjects wal;

    LogEvidence(ObjectStore store, WalObjects wal) {
        this.store = store;
        this.wal = wal;
    }

    /** How a segment begins; empty if it is not there, or damaged. */
    Optional<SegmentHeader> header(String segment) {
        return WalName.tryParse(segment)
                .flatMap(name -> beginning(name, SegmentHeader.BYTES))
                .flatMap(bytes -> SegmentHeader.read(ByteBuffer.wrap(bytes)));
    }

    /**
     * What the server has told of a backup.
     *
     * @param segment in which it began
     * @param about where it began; the one that fits is taken, or the only one
     */
    Optional<BackupLabelFile> label(String segment, Lsn about) {
        List<BackupLabelFile> labels =
                store.list(ForeignLayout.WAL + segment + ".").stream()
                        .map(ListedObject::key)
                        .flatMap(key -> WalName.tryParse(ForeignLayout.fileName(key)).stream())
                        .filter(WalName.BackupLabel.class::isInstance)
                        .distinct()
                        .flatMap(name -> beginning(name, LABEL_BYTES).stream())
                        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                        .flatMap(text -> BackupLabelFile.parse(text).stream())
                        .toList();
        return labels.stream()
                .filter(label -> label.start().equals(about))
                .findFirst()
                .or(() -> labels.size() == 1 ? Optional.of(labels.getFirst()) : Optional.empty());
    }

    /** Of what is damaged nothing is believed; whoever needs the rest of it will say so. */
    private Optional<byte[]> beginning(WalName name, int length) {
        Optional<WalObjects.Stored> object = wal.open(name);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        String key = object.get().key();
        try (WalObjects.Stored stored = object.get()) {
            return Optional.of(stored.plain().readNBytes(length));
        } catch (CodecException e) {
            if (e.isEncrypted()) {
                throw ForeignReading.encrypted(key, e);
            }
            return Optional.empty();
        } catch (IOException e) {
            if (e.getCause() instanceof StoreException trouble) {
                throw trouble;
            }
            throw new StoreException(
                    "cannot read object " + key + ": " + e.getMessage(),
                    "look at the store",
                    true,
                    e);
        }
    }
}
