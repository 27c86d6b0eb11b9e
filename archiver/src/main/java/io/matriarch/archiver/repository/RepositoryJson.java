package io.matriarch.archiver.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The one place where the repository's JSON is read and written. Values appear in the text that
 * people know them by ({@code "0/3000148"}), system identifiers too, as they do not fit into other
 * languages' numbers; timelines and segment sizes are numbers; times are in UTC (ISO 8601). Unknown
 * fields are skipped: a newer version may add some.
 */
public final class RepositoryJson {

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
        return read(json, type, name, "a " + type.getSimpleName());
    }

    private static <T> T read(byte[] json, Class<T> type, String name, String expected) {
        try {
            return MAPPER.readValue(json, type);
        } catch (IOException e) {
            throw new RepositoryException(
                    name,
                    "damaged (expected: " + expected + ")",
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
        int found =
                read(json, Versioned.class, name, "JSON with the number of its format").format();
        if (found > newest) {
            throw new NewerFormatException(name, found, newest);
        }
    }
}
