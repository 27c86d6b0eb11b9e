package io.matriarch.archiver.readback;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Opens objects for reading, whatever codec they were stored with, and names them when they are
 * bad.
 */
public final class Download {

    private static final int TRIES = 3;

    private final ObjectStore store;

    public Download(ObjectStore store) {
        this.store = store;
    }

    /** What is done with an object's bytes; may be done again from the beginning. */
    public interface Reading<T> {
        /**
         * @throws IOException if the bytes cannot be read; trouble of another kind must not be
         *     thrown as this
         */
        T read(InputStream stored) throws IOException;
    }

    /** Reads an object; once more if the store breaks off. */
    public <T> T read(String key, Reading<T> reading) {
        for (int i = 1; ; i++) {
            try (InputStream stored = open(key)) {
                return reading.read(stored);
            } catch (IOException e) {
                if (!(e.getCause() instanceof StoreException fault)) {
                    throw damaged(key, String.valueOf(e.getMessage()), e);
                }
                if (!fault.isTransient() || i == TRIES) {
                    throw new StoreException(
                            "cannot read object " + key + ": " + fault.getMessage(),
                            fault.hint(),
                            fault.isTransient(),
                            fault);
                }
            }
        }
    }

    private InputStream open(String key) {
        return store.get(key)
                .orElseThrow(() ->
                        new RestoreException(
                                "object " + key + ": missing",
                                "the archive has lost it; restore from another backup"));
    }

    public static RestoreException damaged(String key, String what, @Nullable Throwable cause) {
        return new RestoreException(
                "object " + key + ": damaged: " + what,
                "the archive has changed it; restore from another backup, or a replica of it",
                cause);
    }
}
