package io.matriarch.archiver.repository;

import org.jspecify.annotations.Nullable;

/** The repository is not what it should be: of another cluster, damaged, or of a newer format. */
public sealed class RepositoryException extends RuntimeException permits NewerFormatException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    public RepositoryException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    public RepositoryException(String message, String hint) {
        this(message, hint, null);
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }
}
