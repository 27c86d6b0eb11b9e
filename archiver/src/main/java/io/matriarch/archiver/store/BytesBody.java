package io.matriarch.archiver.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A body in memory: a store may send it in one piece without copying it. */
public final class BytesBody implements Body {

    private final byte[] bytes;
    private final int size;

    public BytesBody(byte[] bytes, int size) {
        this.bytes = bytes;
        this.size = size;
    }

    /** The content once more from its beginning. */
    public InputStream open() {
        return new ByteArrayInputStream(bytes, 0, size);
    }

    @Override
    public long length() {
        return size;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, size);
    }
}
