package io.matriarch.ambassador.core;

import java.nio.ByteBuffer;

/**
 * What a client opens with (PostgreSQL manual, "Message Formats": the messages without a type
 * byte). Everything but a cancel request is passed on untouched; the kinds matter when the
 * ambassador itself has to answer.
 */
public enum Opening {
    /** More bytes are needed to tell. */
    INCOMPLETE,
    SSL_REQUEST,
    GSSENC_REQUEST,
    STARTUP,
    CANCEL,
    /** A TLS handshake without asking first (PostgreSQL 17 and later). */
    DIRECT_TLS,
    /** Nothing that PostgreSQL knows. The server shall say so. */
    UNRECOGNISED;

    /** PostgreSQL's MAX_STARTUP_PACKET_LENGTH (src/include/libpq/pqcomm.h). */
    public static final int MAX_LENGTH = 10_000;

    private static final int HEADER = 8;
    private static final byte TLS_HANDSHAKE = 0x16;
    private static final int CODE_CANCEL = 80_877_102;
    private static final int CODE_SSL = 80_877_103;
    private static final int CODE_GSSENC = 80_877_104;

    /** Reads the packet that starts at the buffer's position, which stays where it is. */
    public static Opening of(ByteBuffer bytes) {
        int start = bytes.position();
        if (bytes.remaining() > 0 && bytes.get(start) == TLS_HANDSHAKE) {
            return DIRECT_TLS;
        }
        // A length below 64 KiB begins with two zero bytes: garbage shows itself before it is
        // complete.
        if (bytes.remaining() > 0 && bytes.get(start) != 0) {
            return UNRECOGNISED;
        }
        if (bytes.remaining() < HEADER) {
            return INCOMPLETE;
        }
        int length = bytes.getInt(start);
        if (length < HEADER || length > MAX_LENGTH) {
            return UNRECOGNISED;
        }
        Opening opening = ofCode(bytes.getInt(start + 4), length);
        return opening != UNRECOGNISED && bytes.remaining() < length ? INCOMPLETE : opening;
    }

    private static Opening ofCode(int code, int length) {
        return switch (code) {
            case CODE_SSL -> length == HEADER ? SSL_REQUEST : UNRECOGNISED;
            case CODE_GSSENC -> length == HEADER ? GSSENC_REQUEST : UNRECOGNISED;
            case CODE_CANCEL -> length >= HEADER + 8 ? CANCEL : UNRECOGNISED;
            default -> code >>> 16 == 3 ? STARTUP : UNRECOGNISED;
        };
    }

    /** How many bytes the packet at the buffer's position takes, once it is complete. */
    public static int lengthOf(ByteBuffer bytes) {
        return bytes.getInt(bytes.position());
    }

    /** Whether a healthy server answers this without delay. */
    public boolean asksForAnswer() {
        return switch (this) {
            case SSL_REQUEST, GSSENC_REQUEST, STARTUP -> true;
            case INCOMPLETE, CANCEL, DIRECT_TLS, UNRECOGNISED -> false;
        };
    }
}
