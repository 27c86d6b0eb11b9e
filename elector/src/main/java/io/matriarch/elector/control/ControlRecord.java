package io.matriarch.elector.control;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One line of {@code key=value} words with a checksum, padded to a fixed size so that it can be
 * overwritten in place and a torn write is recognised.
 */
record ControlRecord(Map<String, String> values) {

    static final int BYTES = 512;

    private static final String SUM = " sum=";
    private static final int FNV_OFFSET = 0x811C9DC5;
    private static final int FNV_PRIME = 0x01000193;

    ControlRecord {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Reads a record; empty if the bytes are not a whole one. */
    static Optional<ControlRecord> parse(byte[] bytes) {
        String line = new String(bytes, StandardCharsets.UTF_8).strip();
        int sum = line.lastIndexOf(SUM);
        if (sum < 0) {
            return Optional.empty();
        }
        String text = line.substring(0, sum);
        if (!line.substring(sum + SUM.length()).equals("%08x".formatted(fnv1a(text)))) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : text.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                return Optional.empty();
            }
            values.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return Optional.of(new ControlRecord(values));
    }

    byte[] toBytes() {
        StringBuilder text = new StringBuilder();
        values.forEach((key, value) -> {
            if (value.isEmpty() || value.indexOf(' ') >= 0) {
                throw new IllegalArgumentException(
                        key + ": '" + value + "' (expected: a word without blanks)");
            }
            text.append(text.isEmpty() ? "" : " ").append(key).append('=').append(value);
        });
        String line = text + SUM + "%08x".formatted(fnv1a(text.toString()));
        if (line.length() >= BYTES) {
            throw new IllegalArgumentException(
                    "control record: " + line.length() + " bytes (expected: below " + BYTES + ")");
        }
        return (line + " ".repeat(BYTES - 1 - line.length()) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @throws IllegalArgumentException if the record lacks the key
     */
    String value(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    key + ": absent (expected in the record " + values + ")");
        }
        return value;
    }

    private static int fnv1a(String text) {
        int hash = FNV_OFFSET;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        return hash;
    }
}
