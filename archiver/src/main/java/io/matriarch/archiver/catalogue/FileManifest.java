package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * The content of {@code manifest.json.zst}: every directory and every file of a backup. Files may
 * be too many to be held in memory: they are only shown, as often as somebody asks.
 *
 * @param folders parents before children
 */
public record FileManifest(int format, List<DataFolder> folders, Files files) {

    /** The object's name within the backup's folder. */
    public static final String NAME = "manifest.json.zst";

    /** All files of a backup. */
    @FunctionalInterface
    public interface Files {
        void each(Consumer<ManifestEntry> seen);
    }

    public FileManifest {
        folders = List.copyOf(folders);
    }

    /** Writes the object's bytes, each time the same, and closes {@code out}. */
    public void writeTo(OutputStream out) throws IOException {
        try {
            PackedJson.pack(
                    out,
                    (json, values) -> {
                        json.writeStartObject();
                        json.writeNumberField("format", format);
                        json.writeFieldName("folders");
                        values.writeValue(json, folders);
                        json.writeArrayFieldStart("files");
                        files.each(file -> {
                            try {
                                values.writeValue(json, file);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
                        json.writeEndArray();
                        json.writeEndObject();
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Reads an object's bytes.
     *
     * @param files hears of every file
     * @return the folders
     * @throws IOException if the bytes are damaged
     */
    public static List<DataFolder> read(InputStream stored, Consumer<ManifestEntry> files)
            throws IOException {
        return PackedJson.unpack(stored, json -> read(json, files));
    }

    private static List<DataFolder> read(JsonParser json, Consumer<ManifestEntry> files)
            throws IOException {
        List<DataFolder> folders = null;
        boolean hasFiles = false;
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "folders" -> folders = List.of(json.readValueAs(DataFolder[].class));
                case "files" -> {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        files.accept(json.readValueAs(ManifestEntry.class));
                    }
                    hasFiles = true;
                }
                default -> json.skipChildren();
            }
        }
        if (folders == null || !hasFiles) {
            throw new IOException("no folders or no files (expected: both)");
        }
        return folders;
    }
}
