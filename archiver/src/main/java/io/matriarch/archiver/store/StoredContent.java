package io.matriarch.archiver.store;

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
        return Arrays.equals(first, ZSTD_MAGIC)
                ? new ZstdInputStreamNoFinalizer(buffered)
                : buffered;
    }
}
