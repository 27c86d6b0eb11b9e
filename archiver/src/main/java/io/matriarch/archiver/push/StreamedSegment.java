package io.matriarch.archiver.push;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.matriarch.archiver.store.Body;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A segment too large for memory, compressed while it is sent. */
record StreamedSegment(Path file, int compressionLevel) implements Body {

    @Override
    public long length() {
        return -1;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (ZstdOutputStreamNoFinalizer compressed =
                new ZstdOutputStreamNoFinalizer(new LeftOpen(out), compressionLevel)) {
            compressed.setChecksum(true);
            Files.copy(file, compressed);
        }
    }

    /** Closing ends the compressed frame, not the store's own stream. */
    private static final class LeftOpen extends FilterOutputStream {

        LeftOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
