package io.matriarch.archiver.encryption;

/** Identities cannot be had from where they should be. */
public final class EncryptionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    public EncryptionException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }
}
