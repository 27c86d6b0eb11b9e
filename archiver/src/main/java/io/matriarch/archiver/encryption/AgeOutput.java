package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.util.List;

/** Encrypts in age's format, with a key made for this file alone. */
final class AgeOutput extends OutputStream {

    private static final StandardEncryptingChannelFactory FACTORY =
            new StandardEncryptingChannelFactory();

    private final OutputStream out;
    private final WritableByteChannel encrypting;

    AgeOutput(OutputStream out, List<RecipientStanzaWriter> recipients) throws IOException {
        this.out = out;
        this.encrypting = channel(new Sink(out), recipients);
    }

    static WritableByteChannel channel(
            WritableByteChannel out, List<RecipientStanzaWriter> recipients) throws IOException {
        try {
            return FACTORY.newEncryptingChannel(out, recipients);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("recipients were good before", e);
        }
    }

    /** The bytes as they are stored; the JDK's own would copy them in small steps. */
    private static final class Sink implements WritableByteChannel {

        private final OutputStream out;
        private boolean isOpen = true;

        Sink(OutputStream out) {
            this.out = out;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            int length = from.remaining();
            out.write(from.array(), from.arrayOffset() + from.position(), length);
            from.position(from.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public void close() throws IOException {
            isOpen = false;
            out.close();
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        encrypting.write(ByteBuffer.wrap(bytes, offset, length));
    }

    /** What has not filled a chunk yet stays here until it has. */
    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        encrypting.close();
    }
}
