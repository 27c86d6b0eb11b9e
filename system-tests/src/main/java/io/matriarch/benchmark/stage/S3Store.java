package io.matriarch.benchmark.stage;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.outside.FreePort;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Prefixes of a bucket, behind one S3 server of our own on loopback. Everybody speaks to it over
 * TLS, for pgBackRest does not speak otherwise, and trusts its certificate by a file.
 */
public final class S3Store implements Store {

    private static final String BUCKET = "bench";
    private static final String REGION = "us-east-1";
    private static final String JAVA_HOME = System.getProperty("java.home");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Folders folders;
    private final Path home;
    private final Shell shell;
    private final int port = FreePort.draw();
    private final String key = UUID.randomUUID().toString();
    private final String secret = UUID.randomUUID().toString();
    private final Process process;

    private S3Store(Folders folders, Shell shell, Path jar) throws InterruptedException {
        this.folders = folders;
        this.home = folders.empty("s3");
        this.shell = shell;
        certify();
        this.process = launch(jar);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Waiting.until("the S3 server listens", PATIENCE, () -> !process.isAlive() || isListening());
        if (!process.isAlive()) {
            throw new OutsideException("the S3 server has ended: see " + log());
        }
    }

    /** Starts the server, with its data below the folders. */
    public static S3Store start(Folders folders, Shell shell, Path jar)
            throws InterruptedException {
        S3Store started = new S3Store(folders, shell, jar);
        started.warm();
        return started;
    }

    /** So that whoever comes first does not pay for the server's own beginning. */
    private void warm() throws InterruptedException {
        Place place = empty("warm");
        StoreSettings settings =
                StoreSettings.of(StoreLocation.parse(place.url()))
                        .withCredentials(StoreCredentials.of(key, secret));
        byte[] content = new byte[2 << 20];
        new Random(1).nextBytes(content);
        try (ObjectStore store = ObjectStore.open(settings)) {
            for (int i = 0; i < 100; i++) {
                store.putIfAbsent("object-" + i, Body.of(content), Metadata.NONE);
                try (InputStream in = store.get("object-" + i).orElseThrow()) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        empty("warm");
    }

    /** A key pair, and its certificate by itself for those who have to trust it. */
    private void certify() throws InterruptedException {
        shell.with(Map.of("WORD", secret))
                .run(
                        "bash",
                        "-c",
                        """
                        set -e
                        tool() { %s/bin/keytool "$@" -alias server -keystore %s -storepass:env WORD; }
                        tool -genkeypair -keyalg EC -groupname secp256r1 -dname CN=127.0.0.1 -ext san=ip:127.0.0.1,dns:127.0.0.1 -storetype PKCS12
                        tool -exportcert -rfc -file %s
                        """
                                .formatted(JAVA_HOME, keys(), certificate()));
    }

    private Process launch(Path jar) throws InterruptedException {
        Path configuration = home.resolve("s3proxy.conf");
        shell.run("mkdir", "-p", data().resolve(BUCKET).toString());
        List<String> command =
                List.of(
                        JAVA_HOME + "/bin/java",
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-jar",
                        jar.toString(),
                        "--properties",
                        configuration.toString());
        try {
            Files.writeString(configuration, configuration());
            return new ProcessBuilder(shell.owner().command(command))
                    .redirectErrorStream(true)
                    .redirectOutput(log().toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configuration() {
        return """
        s3proxy.secure-endpoint=https://127.0.0.1:%d
        s3proxy.keystore-path=%s
        s3proxy.keystore-password=%s
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.identity=local
        jclouds.credential=local
        jclouds.filesystem.basedir=%s
        """
                .formatted(port, keys(), secret, key, secret, data());
    }

    private Path keys() {
        return home.resolve("keys.p12");
    }

    private Path data() {
        return home.resolve("data");
    }

    private Path log() {
        return home.resolve("s3proxy.log");
    }

    private Path certificate() {
        return home.resolve("certificate.pem");
    }

    @Override
    public String title() {
        return "over S3 on loopback";
    }

    @Override
    public Place empty(String name) {
        folders.emptied(data().resolve(BUCKET).resolve(name));
        return new Place(
                "s3://%s/%s?endpoint=https://127.0.0.1:%d&path-style=true&ca-file=%s"
                        .formatted(BUCKET, name, port, certificate()),
                """
                repo1-type=s3
                repo1-path=/%s
                repo1-s3-bucket=%s
                repo1-s3-endpoint=127.0.0.1
                repo1-s3-region=%s
                repo1-s3-key=%s
                repo1-s3-key-secret=%s
                repo1-s3-uri-style=path
                repo1-storage-port=%d
                repo1-storage-ca-file=%s
                """
                        .formatted(name, BUCKET, REGION, key, secret, port, certificate()));
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", key, "AWS_SECRET_ACCESS_KEY", secret);
    }

    @Override
    public double processorSeconds() {
        return Sample.processorSecondsOf(process);
    }

    @Override
    public void close() {
        process.destroy();
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
