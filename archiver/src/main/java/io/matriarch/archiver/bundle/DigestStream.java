package io.matriarch.archiver.bundle;

import io.matriarch.archiver.catalogue.Sha256;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Passes bytes on and keeps their number and SHA-256. Closing it leaves the target open. */
public final class DigestStream extends FilterOutputStream {

    private final MessageDigest digest = Sha256.newDigest();
    private long count;

    public DigestStream(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        digest.update(bytes, offset, length);
        count += length;
    }

    @Override
    public void close() throws IOException {
        flush();
    }

    public long count() {
        return count;
    }

    /** The digest of all bytes so far, which ends the counting. */
    public String sha256Hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
