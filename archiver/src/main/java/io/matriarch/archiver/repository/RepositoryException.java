package io.matriarch.archiver.repository;

import org.jspecify.annotations.Nullable;

/** The repository is not what it should be: of another cluster, damaged, or of a newer format. */
public sealed class RepositoryException extends RuntimeException permits NewerFormatException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String key;
    private final String reason;
    private final String hint;

    public RepositoryException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.key = null;
        this.reason = message;
        this.hint = hint;
    }

    /**
     * Of one object, which the message names.
     *
     * @param reason what is wrong with it
     */
    public RepositoryException(String key, String reason, String hint, @Nullable Throwable cause) {
        super("object " + key + ": " + reason, cause);
        this.key = key;
        this.reason = reason;
        this.hint = hint;
    }

    public RepositoryException(String message, String hint) {
        this(message, hint, null);
    }

    /** The message, for whoever names the object {@code named} already. */
    public String reasonBeside(String named) {
        return key == null || key.equals(named) ? reason : "object " + key + ": " + reason;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }
}
