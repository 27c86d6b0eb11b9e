package io.matriarch.archiver.readback;

import org.jspecify.annotations.Nullable;

/**
 * A restore cannot be done, or was not. A target directory that was not empty has not been touched.
 */
public final class RestoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    public RestoreException(String message, String hint) {
        this(message, hint, null);
    }

    public RestoreException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }
}
