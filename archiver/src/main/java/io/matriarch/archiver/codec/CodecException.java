package io.matriarch.archiver.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An object's bytes cannot be unpacked: it is damaged, or not what its name says. */
public final class CodecException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean isEncrypted;

    CodecException(String message) {
        this(message, null);
    }

    CodecException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private CodecException(String message, @Nullable Throwable cause, boolean isEncrypted) {
        super(message, cause);
        this.isEncrypted = isEncrypted;
    }

    static CodecException encrypted(String message) {
        return new CodecException(message, null, true);
    }

    /** Whether the bytes may be as they should be, but need a key. */
    public boolean isEncrypted() {
        return isEncrypted;
    }
}
