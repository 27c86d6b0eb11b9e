package io.matriarch.archiver.increment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/** A file's bytes from a place on. The file's own position, which threads share, stays as it is. */
final class ScratchSlice implements ReadableByteChannel {

    private final FileChannel file;
    private long next;

    ScratchSlice(FileChannel file, long from) {
        this.file = file;
        this.next = from;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int length = file.read(into, next);
        next += Math.max(length, 0);
        return length;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    /** The file belongs to others. */
    @Override
    public void close() {}
}
