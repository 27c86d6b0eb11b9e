package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Certificates of a PEM file as the only ones that are trusted. */
final class TrustedFile {

    private TrustedFile() {}

    /**
     * Reads the file.
     *
     * @throws StoreException if it cannot be read, or holds no certificate
     */
    static TrustManager[] read(Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(content);
            if (certificates.isEmpty()) {
                throw unusable(file, "it holds no certificate", null);
            }
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                trusted.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file, e.toString(), e);
        }
    }

    private static StoreException unusable(Path file, String why, @Nullable Exception cause) {
        return new StoreException(
                "ca-file: " + file + " cannot be used: " + why + " (expected: certificates in PEM)",
                "give the file of the authority that signed the endpoint's certificate",
                false,
                cause);
    }
}
