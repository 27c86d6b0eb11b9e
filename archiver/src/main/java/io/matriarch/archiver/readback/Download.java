package io.matriarch.archiver.readback;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
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
            } catch (LockedException e) {
                throw locked(key, e);
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

    /** What decrypts the bytes that are read. */
    Keyring keyring() {
        return store.keyring();
    }

    /**
     * Reads what was stored encrypted under {@code key}, and is at hand already.
     *
     * @throws RestoreException if nothing here decrypts it
     */
    <T> T decrypted(String key, InputStream stored, Reading<T> reading) throws IOException {
        try {
            return reading.read(store.keyring().decrypting(stored));
        } catch (LockedException e) {
            throw locked(key, e);
        }
    }

    private RestoreException locked(String key, LockedException e) {
        Optional<String> keys = store.head(key).flatMap(StoredObject::encryptedFor);
        return e.isContradicted(keys)
                ? damaged(key, "its encryption's header was changed", e)
                : RestoreException.ofThisHost("object " + key + ": " + e.reason(keys), e.hint(), e);
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
