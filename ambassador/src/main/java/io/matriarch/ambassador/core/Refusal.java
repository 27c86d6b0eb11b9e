package io.matriarch.ambassador.core;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A fatal error as PostgreSQL would say it. */
public record Refusal(String sqlState, String message, String hint) {

    /** SQLSTATE {@code cannot_connect_now}: drivers and pools know that it is worth another try. */
    public static final String CANNOT_CONNECT_NOW = "57P03";

    public static Refusal cannotConnectNow(String why, String hint) {
        return new Refusal(
                CANNOT_CONNECT_NOW, "the ambassador cannot connect you now: " + why, hint);
    }

    /** The message {@code ErrorResponse} of PostgreSQL's protocol 3. */
    public byte[] toBytes() {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        put(fields, 'S', "FATAL");
        put(fields, 'V', "FATAL");
        put(fields, 'C', sqlState);
        put(fields, 'M', message);
        put(fields, 'H', hint);
        fields.write(0);
        return ByteBuffer.allocate(5 + fields.size())
                .put((byte) 'E')
                .putInt(4 + fields.size())
                .put(fields.toByteArray())
                .array();
    }

    private static void put(ByteArrayOutputStream fields, char type, String value) {
        fields.write(type);
        fields.writeBytes(value.getBytes(StandardCharsets.UTF_8));
        fields.write(0);
    }
}
