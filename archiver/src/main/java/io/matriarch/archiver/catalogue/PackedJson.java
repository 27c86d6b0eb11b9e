package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.store.StoredContent;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** The repository's JSON on one line and in zstd, for what is long. */
public final class PackedJson {

    private static final int ZSTD_LEVEL = 3;
    private static final int WRITE_BYTES = 64 << 10;

    private PackedJson() {}

    /** One line of JSON in zstd, for what may be long. */
    public static byte[] pack(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            pack(bytes, (json, values) -> values.writeValue(json, value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes JSON piece by piece. */
    @FunctionalInterface
    public interface Writing {

        /**
         * @param values writes what is a value of its own
         */
        void write(JsonGenerator json, ObjectWriter values) throws IOException;
    }

    /** The same for what is too long to be held in memory; {@code out} is closed. */
    public static void pack(OutputStream out, Writing writing) throws IOException {
        ObjectWriter values =
                RepositoryJson.mapper()
                        .writer()
                        .without(SerializationFeature.INDENT_OUTPUT)
                        .without(SerializationFeature.FLUSH_AFTER_WRITE_VALUE);
        try (ZstdOutputStreamNoFinalizer compressor =
                new ZstdOutputStreamNoFinalizer(out, ZSTD_LEVEL)) {
            compressor.setChecksum(true);
            try (JsonGenerator json =
                    values.createGenerator(
                            new BufferedOutputStream(compressor, WRITE_BYTES), JsonEncoding.UTF8)) {
                writing.write(json, values);
            }
        }
    }

    /**
     * Reads what {@link #pack(Object)} has written.
     *
     * @throws IOException if it is damaged
     */
    public static <T> T unpack(byte[] bytes, Class<T> type) throws IOException {
        return unpack(new ByteArrayInputStream(bytes), json -> json.readValueAs(type));
    }

    /** Reads JSON piece by piece. */
    @FunctionalInterface
    public interface Reading<T> {
        T read(JsonParser json) throws IOException;
    }

    /**
     * The same for what is too long to be held in memory.
     *
     * @throws IOException if it is damaged
     */
    public static <T> T unpack(InputStream stored, Reading<T> reading) throws IOException {
        try (InputStream plain = StoredContent.unpacked(stored);
                JsonParser json = RepositoryJson.mapper().createParser(plain)) {
            return reading.read(json);
        }
    }
}
