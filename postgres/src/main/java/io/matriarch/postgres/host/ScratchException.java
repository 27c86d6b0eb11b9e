package io.matriarch.postgres.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The disk of a {@link ScratchFile} is in trouble: it is full, say. */
public final class ScratchException extends UncheckedIOException {

    private static final long serialVersionUID = 1L;

    /**
     * @param folder where the file lies
     */
    public ScratchException(Path folder, IOException cause) {
        super("scratch space in " + folder + ": " + DiskTrouble.reason(cause), cause);
    }
}
