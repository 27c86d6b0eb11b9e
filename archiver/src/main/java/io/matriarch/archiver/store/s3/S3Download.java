package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
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

    private static final int RESUMPTIONS = 5;

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
        return -1;
    }

    private void resume(Exception broken) throws IOException {
        if (++resumptions > RESUMPTIONS) {
            throw new IOException("the connection to the store breaks again and again", broken);
        }
        content.abort();
        try {
            content = rest.from(read, etag);
        } catch (StoreException e) {
            e.addSuppressed(broken);
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (read < length) {
            // Closing would read the rest; nobody wants it.
            content.abort();
        } else {
            content.close();
        }
    }
}
