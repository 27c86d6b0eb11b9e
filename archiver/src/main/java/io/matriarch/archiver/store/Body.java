package io.matriarch.archiver.store;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * The content of an object to be: it writes itself, whole, each time it is asked. A body of unknown
 * length is sent in parts.
 */
public interface Body {

    /** Length in bytes, or -1 if only writing it will tell. */
    long length();

    void writeTo(OutputStream out) throws IOException;

    /** A body that is in memory already. The array must not be changed afterwards. */
    static Body of(byte[] bytes) {
        return of(bytes, bytes.length);
    }

    /**
     * The first {@code length} bytes of an array that must not be changed until the put is over.
     */
    static Body of(byte[] bytes, int length) {
        return new BytesBody(List.of(bytes), length);
    }

    /** The first {@code length} bytes of several arrays, one after the other; the same holds. */
    static Body of(List<byte[]> pieces, int length) {
        return new BytesBody(pieces, length);
    }
}
