package io.matriarch.outside;

/** Something that was expected of a program or a cluster did not happen. */
public final class OutsideException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public OutsideException(String message) {
        super(message);
    }

    public OutsideException(String message, Throwable cause) {
        super(message, cause);
    }
}
