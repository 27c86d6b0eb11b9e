package io.matriarch.archiver.codec;

import io.matriarch.archiver.store.StoreException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Unpacks an object of another archiver, whatever it was packed with. While it is read, trouble of
 * the store comes as an {@link IOException} whose cause is a {@link StoreException}, and everything
 * else as a {@link CodecException}: then the bytes are to blame.
 */
public final class PackedObject {

    private static final int BUFFER_BYTES = 128 << 10;
    private static final int TAR_MAGIC_AT = 257;
    private static final int SNIFFED = 512;
    private static final byte[] TAR_MAGIC = "ustar".getBytes(StandardCharsets.US_ASCII);
    private static final String ARMOUR = "-----BEGIN PGP MESSAGE-----";

    private PackedObject() {}

    /** The ends that a name may have beyond what an object is called; an empty one among them. */
    public static List<String> endings() {
        return Stream.concat(
                        Arrays.stream(Codec.values()).map(codec -> "." + codec.ending()),
                        // Old writers left a dot where nothing was compressed.
                        Stream.of("", "."))
                .toList();
    }

    /** What an object is called, without one of these ends. */
    public static String stem(String name) {
        return endings().stream()
                .filter(ending -> !ending.isEmpty() && name.endsWith(ending))
                .findFirst()
                .map(ending -> name.substring(0, name.length() - ending.length()))
                .orElse(name);
    }

    /**
     * The content of an object.
     *
     * @param key its name, for what has no magic number, and for messages
     * @param stored is closed with the stream that is returned
     */
    public static InputStream plain(String key, InputStream stored) throws IOException {
        InputStream raw = new BufferedInputStream(new Stored(key, stored), BUFFER_BYTES);
        raw.mark(SNIFFED);
        byte[] first = raw.readNBytes(SNIFFED);
        raw.reset();
        try {
            return new Unpacked(open(key, first, raw));
        } catch (IOException | RuntimeException e) {
            throw told(e);
        }
    }

    private static InputStream open(String key, byte[] first, InputStream raw) throws IOException {
        Optional<Codec> codec = Codec.of(first);
        if (codec.isPresent()) {
            return codec.get().open(raw);
        }
        if (isTar(first) || first.length == 0) {
            return raw;
        }
        if (isOpenPgp(first)) {
            throw CodecException.encrypted("is encrypted with OpenPGP");
        }
        Optional<Codec> named = Codec.named(key);
        if (named.isEmpty()) {
            return raw;
        }
        if (named.get() == Codec.BROTLI) {
            return named.get().open(raw);
        }
        throw CodecException.encrypted(
                "is neither "
                        + named.get().ending()
                        + ", as its name says, nor anything else that is known: encrypted, as by"
                        + " libsodium, or damaged");
    }

    private static boolean isTar(byte[] first) {
        return first.length >= TAR_MAGIC_AT + TAR_MAGIC.length
                && Arrays.equals(
                        first,
                        TAR_MAGIC_AT,
                        TAR_MAGIC_AT + TAR_MAGIC.length,
                        TAR_MAGIC,
                        0,
                        TAR_MAGIC.length);
    }

    /** A message begins with a packet that holds an encrypted session key, or in ASCII. */
    private static boolean isOpenPgp(byte[] first) {
        boolean isPacket =
                switch (first[0] & 0xFF) {
                    // Tags 1 and 3, with lengths of the old form and of the new one.
                    case 0x84, 0x85, 0x86, 0x8C, 0x8D, 0x8E, 0xC1, 0xC3 -> true;
                    default -> false;
                };
        return isPacket || new String(first, StandardCharsets.ISO_8859_1).startsWith(ARMOUR);
    }

    private static IOException told(Exception e) {
        if (e instanceof CodecException known) {
            return known;
        }
        if (e instanceof IOException io && e.getCause() instanceof StoreException) {
            return io;
        }
        return new CodecException("cannot be unpacked: " + e.getMessage(), e);
    }

    /** What comes from below a codec is the store's trouble. */
    private static final class Stored extends FilterInputStream {

        private final String key;

        Stored(String key, InputStream in) {
            super(in);
            this.key = key;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (IOException e) {
                throw e.getCause() instanceof StoreException ? e : trouble(e);
            }
        }

        private IOException trouble(IOException e) {
            return new IOException(
                    e.getMessage(),
                    new StoreException(
                            "cannot read object " + key + ": " + e.getMessage(),
                            "look at the store, or the disk that the repository lies on",
                            true,
                            e));
        }
    }

    /** What comes from a codec itself is the object's fault. */
    private static final class Unpacked extends FilterInputStream {

        Unpacked(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (IOException | RuntimeException e) {
                throw told(e);
            }
        }

        @Override
        public long skip(long count) throws IOException {
            try {
                return super.skip(count);
            } catch (IOException | RuntimeException e) {
                throw told(e);
            }
        }

        /** Codecs guess. */
        @Override
        public int available() {
            return 0;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
