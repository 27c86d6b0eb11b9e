package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An object's content, which goes on where it was when the connection breaks. */
final class S3Download extends InputStream {

    /** Asks for the rest of the same content. */
    @FunctionalInterface
    interface Rest {
        ResponseInputStream<GetObjectResponse> from(long offset, String etag);
    }

    /** Some break every so often, however far one has come. */
    private static final int RESUMPTIONS = 5;

    private static final long READ_FOR_ONE_MORE = 16 << 20;

    private final Rest rest;
    private final String etag;
    private final long length;
    private ResponseInputStream<GetObjectResponse> content;
    private long read;
    private int resumptions;

    S3Download(ResponseInputStream<GetObjectResponse> content, Rest rest) {
        this.content = content;
        this.rest = rest;
        this.etag = content.response().eTag();
        this.length = content.response().contentLength();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        while (read < length) {
            Exception broken;
            try {
                int got = content.read(bytes, offset, count);
                if (got > 0) {
                    read += got;
                    return got;
                }
                broken = new IOException("content ended at " + read + " of " + length + " bytes");
            } catch (IOException | SdkException e) {
                broken = e;
            }
            resume(broken);
        }
        requireIntact();
        return -1;
    }

    /** A server that knows no ranges begins anew: that must not be taken for the rest. */
    private void requireRest() throws IOException {
        String range = content.response().contentRange();
        if (range == null || !range.startsWith("bytes " + read + "-")) {
            content.abort();
            throw ofTheStore(
                    "the store answered with range " + range + " (expected: from " + read + ")",
                    null);
        }
    }

    /** At its very end the SDK compares the content with the checksum, if the store sent one. */
    private void requireIntact() throws IOException {
        try {
            if (content.read() >= 0) {
                throw new IOException("content goes on after " + length + " bytes");
            }
        } catch (SdkException e) {
            throw new IOException(
                    new StoreException(
                            "content arrived damaged: " + e.getMessage(),
                            "look at the network and at the store's health",
                            true,
                            e));
        }
    }

    private void resume(Exception broken) throws IOException {
        if (++resumptions > RESUMPTIONS + read / READ_FOR_ONE_MORE) {
            throw ofTheStore(
                    "the connection to the store breaks again and again: " + broken, broken);
        }
        content.abort();
        try {
            content = rest.from(read, etag);
            requireRest();
        } catch (StoreException e) {
            e.addSuppressed(broken);
            throw new IOException(e);
        }
    }

    /** Not of what the object holds: whoever reads must not take it for damaged. */
    private static IOException ofTheStore(String what, @Nullable Exception cause) {
        StoreException trouble =
                new StoreException(
                        what,
                        "look at the network and at the store's health, then try again",
                        true,
                        cause);
        return new IOException(what, trouble);
    }

    @Override
    public void close() throws IOException {
        if (read < length) {
            // Closing would read the rest, which nobody wants.
            content.abort();
        } else {
            content.close();
        }
    }
}
