package io.matriarch.archiver.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A body in memory: a store may send it in one piece without copying it. */
public final class BytesBody implements Body {

    private final List<byte[]> pieces;
    private final int size;

    /** The first {@code size} bytes of several pieces, one after the other. */
    public BytesBody(List<byte[]> pieces, int size) {
        this.pieces = List.copyOf(pieces);
        this.size = size;
    }

    /** The content once more from its beginning. */
    public InputStream open() {
        List<InputStream> streams = new ArrayList<>();
        int left = size;
        for (byte[] piece : pieces) {
            int used = Math.min(left, piece.length);
            streams.add(new ByteArrayInputStream(piece, 0, used));
            left -= used;
        }
        return streams.size() == 1
                ? streams.getFirst()
                : new SequenceInputStream(Collections.enumeration(streams));
    }

    @Override
    public long length() {
        return size;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        int left = size;
        for (byte[] piece : pieces) {
            int used = Math.min(left, piece.length);
            out.write(piece, 0, used);
            left -= used;
        }
    }
}
