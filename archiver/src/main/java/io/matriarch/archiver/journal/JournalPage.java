package io.matriarch.archiver.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.PackedJson;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of a {@code journal-NNNNN.json.zst}.
 *
 * @param member who takes the backup
 * @param timeline of its data directory when the run began
 * @param start where replay of the backup will begin; empty before the server has said so
 * @param bundles confirmed since the page before
 * @param parent the backup that this one is incremental to; empty for a full one
 */
public record JournalPage(
        int format,
        String member,
        TimelineId timeline,
        Optional<Lsn> start,
        List<Bundle> bundles,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<BackupId> parent) {

    public static final int FORMAT = 1;

    private static final Logger log = LoggerFactory.getLogger(JournalPage.class);

    /** A bundle as the store confirmed it, and the files in it. */
    public record Bundle(BackupObject object, List<ManifestEntry> files) {
        public Bundle {
            files = List.copyOf(files);
        }
    }

    public JournalPage {
        if (format < 1 || format > FORMAT) {
            throw new IllegalArgumentException(
                    "journal format: " + format + " (expected: 1 to " + FORMAT + ")");
        }
        bundles = List.copyOf(bundles);
    }

    /**
     * The object's bytes. A page without bundles holds no path, and is never encrypted: retention
     * reads where the backup begins also where nothing can be decrypted.
     */
    public byte[] toBytes(Keyring keyring) {
        byte[] packed = PackedJson.pack(this);
        if (!isEncrypted(keyring)) {
            return packed;
        }
        ByteArrayOutputStream encrypted = new ByteArrayOutputStream();
        try (OutputStream encrypting = keyring.encrypting(encrypted)) {
            encrypting.write(packed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return encrypted.toByteArray();
    }

    /** Whether {@code keyring} has it encrypted. */
    boolean isEncrypted(Keyring keyring) {
        return keyring.isEncrypting() && !bundles.isEmpty();
    }

    /**
     * Reads a page; empty if it is gone, or damaged, which is said.
     *
     * @throws LockedException if it is encrypted, and cannot be read here
     */
    static Optional<JournalPage> read(ObjectStore store, String key) throws LockedException {
        Optional<InputStream> content = store.get(key);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get()) {
            byte[] packed = store.keyring().decrypting(in).readAllBytes();
            return Optional.of(PackedJson.unpack(packed, JournalPage.class));
        } catch (LockedException e) {
            throw e;
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("object", key)
                    .addKeyValue("error", e.getMessage())
                    .log("page of a backup's journal cannot be read");
            return Optional.empty();
        }
    }
}
