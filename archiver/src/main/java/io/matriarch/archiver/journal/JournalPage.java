package io.matriarch.archiver.journal;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.postgres.TimelineId;
import java.io.IOException;
import java.util.List;

/**
 * The content of a {@code journal-NNNNN.json.zst}.
 *
 * @param member who takes the backup
 * @param timeline of its data directory when the run began
 * @param bundles confirmed since the page before
 */
public record JournalPage(int format, String member, TimelineId timeline, List<Bundle> bundles) {

    public static final int FORMAT = 1;

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

    /** The object's bytes. */
    public byte[] toBytes() {
        return RepositoryJson.pack(this);
    }

    /**
     * Reads an object's bytes.
     *
     * @throws IOException if they are damaged
     */
    public static JournalPage parse(byte[] bytes) throws IOException {
        return RepositoryJson.unpack(bytes, JournalPage.class);
    }
}
