package io.matriarch.archiver.store;

import org.jspecify.annotations.Nullable;

/**
 * The store did not answer, or refused. Nothing is known of the effect of a write that ended so.
 */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;
    private final boolean isTransient;

    public StoreException(
            String message, String hint, boolean isTransient, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
        this.isTransient = isTransient;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }

    /** Whether the same call may succeed later without anybody doing anything. */
    public boolean isTransient() {
        return isTransient;
    }
}
