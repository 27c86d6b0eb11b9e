package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.matriarch.archiver.repository.RepositoryJson;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The content of {@code manifest.json.zst}: every directory and every file of a backup. Held in
 * memory, about 300 bytes a file.
 *
 * @param folders parents before children
 */
public record FileManifest(int format, List<DataFolder> folders, List<ManifestEntry> files) {

    /** The object's name within the backup's folder. */
    public static final String NAME = "manifest.json.zst";

    private static final int ZSTD_LEVEL = 3;

    public FileManifest {
        folders = List.copyOf(folders);
        files = List.copyOf(files);
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
    public static FileManifest parse(byte[] bytes) throws IOException {
        try (ZstdInputStreamNoFinalizer plain =
                new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(bytes))) {
            return RepositoryJson.mapper().readValue(plain, FileManifest.class);
        }
    }

    /** How much room the files take. */
    public long bytes() {
        return files.stream().mapToLong(ManifestEntry::size).sum();
    }
}
