package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.PayloadException;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** Decrypts age's format. A chunk of 64 KB is handed on only when it is proven. */
final class AgeInput extends InputStream {

    /** With what every file of the format begins. */
    static final byte[] MAGIC = "age-encryption.org/v1\n".getBytes(StandardCharsets.US_ASCII);

    private static final StandardDecryptingChannelFactory FACTORY =
            new StandardDecryptingChannelFactory();

    private final InputStream stored;
    private final ReadableByteChannel plain;

    /**
     * @throws LockedException if none of the identities fits
     * @throws AlteredException if the header was changed
     */
    AgeInput(InputStream stored, Identities identities) throws IOException {
        this.stored = stored;
        try {
            this.plain = FACTORY.newDecryptingChannel(new Source(stored), identities.readers());
        } catch (PayloadException | BufferUnderflowException | IllegalArgumentException e) {
            throw new AlteredException("its encryption's header was changed or cut off");
        } catch (GeneralSecurityException e) {
            throw isUnmatched(e, identities.fingerprints().size())
                    ? LockedException.withOthers(identities)
                    : new AlteredException("its encryption's header was changed or cut off");
        }
    }

    /** Whether all is in order but for the identities: of several, each says so for itself. */
    private static boolean isUnmatched(GeneralSecurityException e, int identities) {
        return e instanceof UnsupportedRecipientStanzaException
                && (identities == 1
                        || Arrays.stream(e.getSuppressed())
                                .allMatch(UnsupportedRecipientStanzaException.class::isInstance));
    }

    /** The bytes as they are stored; the JDK's own would copy them in small steps. */
    private record Source(InputStream in) implements ReadableByteChannel {

        @Override
        public int read(ByteBuffer into) throws IOException {
            int length =
                    in.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
            if (length > 0) {
                into.position(into.position() + length);
            }
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        try {
            return plain.read(ByteBuffer.wrap(bytes, offset, length));
        } catch (PayloadException e) {
            throw new AlteredException("its encrypted content was changed or cut off");
        }
    }

    @Override
    public void close() throws IOException {
        plain.close();
        stored.close();
    }
}
