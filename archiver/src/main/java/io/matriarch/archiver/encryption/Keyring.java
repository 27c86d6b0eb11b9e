package io.matriarch.archiver.encryption;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * For whom a repository's content is encrypted, and what decrypts it here. The two need not have to
 * do with each other: a host with recipients and no identity can write and not read.
 *
 * <p>Identities are got when something encrypted is read for the first time, and kept; what cannot
 * be had is asked for again the next time. May be used by several threads.
 */
public final class Keyring {

    /** Nothing is encrypted, and nothing encrypted can be read. */
    public static final Keyring NONE = new Keyring(Recipients.NONE, new IdentitySource.None());

    /** The name under which an object's metadata tells the fingerprints of its recipients. */
    public static final String ENCRYPTED_FOR = "encrypted-for";

    /** For the first bytes; larger reads pass it by. */
    private static final int BUFFER_BYTES = 8 << 10;

    private final Recipients recipients;
    private final IdentitySource source;
    private volatile @Nullable Identities identities;

    public Keyring(Recipients recipients, IdentitySource source) {
        this.recipients = recipients;
        this.source = source;
    }

    /** The same recipients with other identities. */
    public Keyring withIdentities(IdentitySource others) {
        return new Keyring(recipients, others);
    }

    public boolean isEncrypting() {
        return !recipients.isEmpty();
    }

    /** Whether there is nothing by which anything could be decrypted. */
    public boolean isWriteOnly() {
        return source instanceof IdentitySource.None;
    }

    /** Fingerprints of the recipients; empty if nothing is encrypted. */
    public Optional<String> encryptedFor() {
        return recipients.fingerprints();
    }

    public IdentitySource source() {
        return source;
    }

    /**
     * What decrypts here.
     *
     * @throws EncryptionException if it cannot be had
     */
    public Identities identities() {
        Identities known = identities;
        if (known == null) {
            known = source.load();
            identities = known;
        }
        return known;
    }

    /**
     * What is written into it comes out encrypted, or as it is if nothing is to be. Only closing it
     * makes it whole, and closes {@code out}.
     */
    public OutputStream encrypting(OutputStream out) throws IOException {
        return isEncrypting() ? new AgeOutput(out, recipients.writers()) : out;
    }

    /** The same for a channel. */
    public WritableByteChannel encrypting(WritableByteChannel out) throws IOException {
        return isEncrypting() ? AgeOutput.channel(out, recipients.writers()) : out;
    }

    /**
     * The content of what is encrypted, going by its first bytes; anything else as it is. Whatever
     * comes out was authenticated; the end is one only if it was the end that was written.
     *
     * @throws LockedException if nothing here decrypts it
     * @throws AlteredException as reading may, if it is not what was written
     */
    public InputStream decrypting(InputStream stored) throws IOException {
        InputStream buffered = new BufferedInputStream(stored, BUFFER_BYTES);
        buffered.mark(AgeInput.MAGIC.length);
        byte[] first = buffered.readNBytes(AgeInput.MAGIC.length);
        buffered.reset();
        return Arrays.equals(first, AgeInput.MAGIC)
                ? new AgeInput(buffered, available())
                : buffered;
    }

    private Identities available() throws LockedException {
        Identities held;
        try {
            held = identities();
        } catch (EncryptionException e) {
            throw LockedException.unavailable(e);
        }
        if (held.isEmpty()) {
            throw LockedException.withNone();
        }
        return held;
    }

    @Override
    public String toString() {
        return "keyring for " + recipients.fingerprints().orElse("nobody");
    }
}
