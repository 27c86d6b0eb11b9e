package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.bech32.Bech32;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/** What decrypts: the secret half of a {@link Recipient}. It never shows itself. */
final class Identity {

    static final String PREFIX = "AGE-SECRET-KEY-1";

    private static final String ALGORITHM = "X25519";

    /** The point of the curve from which public keys are made. */
    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);

    private final Recipient recipient;
    private final RecipientStanzaReader reader;

    /**
     * @throws IllegalArgumentException without the text, if it is none
     */
    Identity(String text) {
        try {
            this.reader = X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(text);
            this.recipient = recipient(Bech32.getDecoder().decode(text).getData());
        } catch (GeneralSecurityException | RuntimeException e) {
            // Without the cause: it may quote what is secret.
            throw new IllegalArgumentException("not an identity");
        }
    }

    private static Recipient recipient(byte[] secret) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
        PrivateKey own =
                keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret));
        PublicKey base =
                keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE_POINT));
        KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
        agreement.init(own);
        agreement.doPhase(base, true);
        return new Recipient(
                Bech32.getEncoder().encode("age", agreement.generateSecret()).toString());
    }

    Recipient recipient() {
        return recipient;
    }

    RecipientStanzaReader reader() {
        return reader;
    }

    @Override
    public String toString() {
        return "identity of " + recipient.fingerprint();
    }
}
