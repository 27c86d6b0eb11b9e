package io.matriarch.archiver.store;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** What an object holds, whatever it was stored with. */
public final class StoredContent {

    private static final int BUFFER_BYTES = 128 << 10;
    private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD};

    private StoredContent() {}

    /** Decompresses what is compressed, going by its first bytes and not by its name. */
    public static InputStream plain(InputStream stored) throws IOException {
        InputStream buffered = new BufferedInputStream(stored, BUFFER_BYTES);
        buffered.mark(ZSTD_MAGIC.length);
        byte[] first = buffered.readNBytes(ZSTD_MAGIC.length);
        buffered.reset();
        return Arrays.equals(first, ZSTD_MAGIC) ? unpacked(buffered) : buffered;
    }

    /**
     * Decompresses what must be compressed. Reading it fails as {@link ZstdIOException} if it is
     * damaged.
     */
    public static InputStream unpacked(InputStream stored) throws IOException {
        return new Unpacked(stored);
    }

    /** The library tells of its own buffers, which sounds like anything but a damaged object. */
    private static final class Unpacked extends ZstdInputStreamNoFinalizer {

        Unpacked(InputStream stored) throws IOException {
            super(stored);
        }

        @Override
        public synchronized int read() throws IOException {
            try {
                return super.read();
            } catch (ZstdIOException e) {
                throw told(e);
            }
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (ZstdIOException e) {
                throw told(e);
            }
        }

        /** Without a cause, by which trouble of the store is known. */
        private static ZstdIOException told(ZstdIOException e) {
            return new ZstdIOException(e.getErrorCode(), "cannot be unpacked: " + e.getMessage());
        }
    }
}
