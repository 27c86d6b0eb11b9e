package io.matriarch.ambassador.relay;

/** The relay could not begin. */
public final class RelayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    public RelayException(String message, String hint, Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    public String hint() {
        return hint;
    }
}
