package io.matriarch.archiver.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate of the loopback that no public authority has signed.
 *
 * @param pem what clients are to trust
 */
public record TestCertificate(SSLContext context, Path pem) {

    private static final String PASSWORD = "password";

    /** A key and its certificate, made with the JDK's own tool. */
    public static TestCertificate in(Path directory, String name) {
        Path store = directory.resolve(name + ".p12");
        Path pem = directory.resolve(name + ".pem");
        try {
            keytool(
                    List.of(
                            "-genkeypair",
                            "-alias",
                            "key",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=" + name),
                    List.of("-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12"),
                    store);
            keytool(
                    List.of("-exportcert", "-rfc", "-alias", "key"),
                    List.of("-file", pem.toString()),
                    store);
            return new TestCertificate(context(store), pem);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(List<String> act, List<String> more, Path store)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(act);
        command.addAll(more);
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        Path log = store.resolveSibling("keytool.txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(log));
        }
    }
}
