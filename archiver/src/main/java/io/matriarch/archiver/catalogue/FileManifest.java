package io.matriarch.archiver.catalogue;

import io.matriarch.archiver.repository.RepositoryJson;
import java.io.IOException;
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

    public FileManifest {
        folders = List.copyOf(folders);
        files = List.copyOf(files);
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
    public static FileManifest parse(byte[] bytes) throws IOException {
        return RepositoryJson.unpack(bytes, FileManifest.class);
    }

    /** How much room the files take. */
    public long bytes() {
        return files.stream().mapToLong(ManifestEntry::size).sum();
    }
}
