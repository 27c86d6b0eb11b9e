package io.matriarch.archiver.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A body in memory: a store may send it in one piece without copying it. */
final class BytesBody implements Body {

    private final byte[] bytes;
    private final int size;

    BytesBody(byte[] bytes, int size) {
        this.bytes = bytes;
        this.size = size;
    }

    InputStream open() {
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
