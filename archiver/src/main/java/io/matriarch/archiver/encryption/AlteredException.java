package io.matriarch.archiver.encryption;

/** Somebody has changed the bytes, or cut them off: what was encrypted is not what is there. */
public final class AlteredException extends UnreadableContentException {

    private static final long serialVersionUID = 1L;

    AlteredException(String message) {
        super(message);
    }
}
