package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Where the files of an archived log lie, and how they are opened. */
public interface WalObjects {

    /** An object that was found. */
    interface Stored extends Closeable {

        /** Its name in the store. */
        String key();

        /**
         * What it holds, unpacked.
         *
         * @throws IOException caused by a {@link StoreException} if the store is in trouble; one of
         *     a codec if the bytes are to blame
         */
        InputStream plain() throws IOException;

        /** For whom it is encrypted, as is told beside it; empty if nothing is. */
        default Optional<String> encryptedFor() {
            return Optional.empty();
        }

        /** What is told of its content beside it; empty if nothing is. */
        Optional<WalContent> described();
    }

    /**
     * Opens a file; empty if it is not there.
     *
     * @throws StoreException if the store gives no clean answer
     */
    Optional<Stored> open(WalName name);

    /** How an object is called that holds this file, for messages. */
    String key(WalName name);

    /** Whether a listing shows a file. */
    boolean isListed(WalName name);
}
