package io.matriarch.archiver.push;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.store.Body;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * A segment that found no room in memory, read again and compressed while it is sent.
 *
 * @param keyring for whom it is encrypted, each time anew
 * @param content what was read before, and must be read again: else nothing is created
 */
record StreamedSegment(Path file, int compressionLevel, Keyring keyring, WalContent content)
        implements Body {

    private static final int STEP = 256 << 10;

    @Override
    public long length() {
        return -1;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        MessageDigest digest = WalContent.digest();
        long size = 0;
        try (InputStream in = Files.newInputStream(file);
                ZstdOutputStreamNoFinalizer compressed =
                        new ZstdOutputStreamNoFinalizer(
                                keyring.encrypting(new LeftOpen(out)), compressionLevel)) {
            compressed.setChecksum(true);
            byte[] step = new byte[STEP];
            for (int got = in.read(step); got >= 0; got = in.read(step)) {
                digest.update(step, 0, got);
                compressed.write(step, 0, got);
                size += got;
            }
        }
        if (!WalContent.of(size, digest).equals(content)) {
            throw new IOException(file + " was changed while it was archived");
        }
    }

    /** Closing ends the compressed frame and its encryption, not the store's own stream. */
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
