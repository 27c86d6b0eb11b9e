package io.matriarch.archiver.encryption;

import java.io.IOException;

/** What was read is encrypted, and does not come out. Never has a cause: the message says all. */
public abstract sealed class UnreadableContentException extends IOException
        permits LockedException, AlteredException {

    private static final long serialVersionUID = 1L;

    UnreadableContentException(String message) {
        super(message);
    }
}
