package io.matriarch.archiver.backup;

import org.jspecify.annotations.Nullable;

/** A backup could not be taken, or read. Nothing that existed before has changed. */
public final class BackupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    public BackupException(String message, String hint) {
        this(message, hint, null);
    }

    public BackupException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }
}
