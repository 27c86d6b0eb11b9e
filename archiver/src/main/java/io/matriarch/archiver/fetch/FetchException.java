package io.matriarch.archiver.fetch;

import io.matriarch.archiver.encryption.LockedException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An archived file is not what it should be, or could not be put in place. */
public final class FetchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;
    private final boolean isOfThisHost;

    private FetchException(
            String message, String hint, boolean isOfThisHost, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
        this.isOfThisHost = isOfThisHost;
    }

    static FetchException ofTheArchive(String message, String hint, @Nullable Throwable cause) {
        return new FetchException(message, hint, false, cause);
    }

    static FetchException ofThisHost(String message, String hint, IOException cause) {
        return new FetchException(message, hint, true, cause);
    }

    /** It may be whole, and cannot be read here. */
    static FetchException locked(String message, LockedException cause) {
        return new FetchException(message, cause.hint(), false, cause);
    }

    /** Whether the file is encrypted for others, which says nothing of its bytes. */
    public boolean isLocked() {
        return getCause() instanceof LockedException;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }

    /** Whether the archive has done its part, and the file could not be written here. */
    public boolean isOfThisHost() {
        return isOfThisHost;
    }
}
