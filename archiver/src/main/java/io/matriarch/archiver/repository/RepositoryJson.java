package io.matriarch.archiver.repository;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The one place where the repository's JSON is read and written. Values appear in the text that
 * people know them by ({@code "0/3000148"}), system identifiers too, as they do not fit into other
 * languages' numbers; timelines and segment sizes are numbers; times are in UTC (ISO 8601). Unknown
 * fields are skipped: a newer version may add some.
 */
public final class RepositoryJson {

    private static final int ZSTD_LEVEL = 3;
    private static final int WRITE_BYTES = 64 << 10;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .addModule(new JavaTimeModule())
                    .addModule(ValueJson.module())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private RepositoryJson() {}

    /** The mapper itself, for what is streamed; it must not be configured further. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static byte[] write(Object value) {
        try {
            return (MAPPER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as JSON: " + value, e);
        }
    }

    /**
     * Reads a value.
     *
     * @param name of the object read, for the message
     * @throws RepositoryException if it is not what it should be
     */
    public static <T> T read(byte[] json, Class<T> type, String name) {
        try {
            return MAPPER.readValue(json, type);
        } catch (IOException e) {
            throw new RepositoryException(
                    "damaged object: " + name + " (expected: a " + type.getSimpleName() + ")",
                    "it was written by something else, or by a newer version",
                    e);
        }
    }

    /** What every description says of itself, whatever else it has. */
    private record Versioned(int format) {}

    /**
     * Tells what a newer version has written from what is damaged.
     *
     * @param newest that this code reads
     * @throws RepositoryException if it is of a newer format, or damaged
     */
    public static void requireFormat(byte[] json, int newest, String name) {
        int found = read(json, Versioned.class, name).format();
        if (found > newest) {
            throw new NewerFormatException(name, found, newest);
        }
    }

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
                MAPPER.writer()
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
        try (ZstdInputStreamNoFinalizer plain = new ZstdInputStreamNoFinalizer(stored);
                JsonParser json = MAPPER.createParser(plain)) {
            return reading.read(json);
        }
    }
}
