package io.matriarch.archiver.journal;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.postgres.TimelineId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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

    private static final int ZSTD_LEVEL = 3;

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
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer compressor =
                new ZstdOutputStreamNoFinalizer(bytes, ZSTD_LEVEL)) {
            compressor.setChecksum(true);
            RepositoryJson.mapper()
                    .writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(compressor, this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads an object's bytes.
     *
     * @throws IOException if they are damaged
     */
    public static JournalPage parse(byte[] bytes) throws IOException {
        try (ZstdInputStreamNoFinalizer plain =
                new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(bytes))) {
            return RepositoryJson.mapper().readValue(plain, JournalPage.class);
        }
    }
}
