package io.matriarch.archiver.readback;

import org.jspecify.annotations.Nullable;

/**
 * A restore cannot be done, or was not. A target directory that was not empty has not been touched.
 */
public final class RestoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;
    private final boolean isOfThisHost;

    public RestoreException(String message, String hint) {
        this(message, hint, null);
    }

    public RestoreException(String message, String hint, @Nullable Throwable cause) {
        this(message, hint, false, cause);
    }

    private RestoreException(
            String message, String hint, boolean isOfThisHost, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
        this.isOfThisHost = isOfThisHost;
    }

    /** What the archive holds is not to blame: it may be done elsewhere, or later. */
    public static RestoreException ofThisHost(
            String message, String hint, @Nullable Throwable cause) {
        return new RestoreException(message, hint, true, cause);
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }

    /** Whether the trouble lies with this host, and says nothing of the archive. */
    public boolean isOfThisHost() {
        return isOfThisHost;
    }
}
