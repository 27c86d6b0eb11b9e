package io.matriarch.archiver.fetch;

import org.jspecify.annotations.Nullable;

/** An archived file is not what it should be, or could not be put in place. */
public final class FetchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    FetchException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }
}
