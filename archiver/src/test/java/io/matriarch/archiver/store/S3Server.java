package io.matriarch.archiver.store;

import io.matriarch.archiver.postgresql.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * An S3 server of its own for a test: a process on a free port of the loopback, with keys made up
 * for the occasion and its data in a directory. It can be stopped and started again, at the same
 * port.
 */
public final class S3Server implements AutoCloseable {

    private static final String BUCKET = "archive";

    private final Path directory;
    private final Path jar;
    private final int port;
    private final StoreCredentials credentials;
    private Process process;

    private S3Server(Path directory, Path jar) {
        this.directory = directory;
        this.jar = jar;
        this.port = FreePort.draw();
        this.credentials =
                StoreCredentials.of(UUID.randomUUID().toString(), UUID.randomUUID().toString());
        this.process = launch();
    }

    /** Starts a server with one bucket; the directory must be empty or absent. */
    public static S3Server start(Path directory) {
        try {
            Files.createDirectories(directory.resolve("data").resolve(BUCKET));
            return new S3Server(directory, jar("s3proxy.jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Where the build puts the server: in the archiver's folder, whichever module runs the test.
     */
    static Path jar(String name) {
        for (String folder : List.of("target", "../archiver/target", "archiver/target")) {
            Path candidate = Path.of(folder, name);
            if (Files.exists(candidate)) {
                return candidate.toAbsolutePath();
            }
        }
        throw new IllegalStateException(
                "archiver/target/" + name + " (expected: copied by mvn pre-integration-test)");
    }

    public StoreSettings settings(String prefix) {
        return settings(BUCKET, prefix).withCredentials(credentials);
    }

    StoreSettings settings(String bucket, String prefix) {
        return StoreSettings.of(
                StoreLocation.parse(
                        "s3://%s/%s?endpoint=http://127.0.0.1:%d&path-style=true"
                                .formatted(bucket, prefix, port)));
    }

    StoreCredentials credentials() {
        return credentials;
    }

    /** Ends the server as a power cut would. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts it again after {@link #kill}, with its data. */
    public void restart() {
        process = launch();
    }

    @Override
    public void close() {
        kill();
    }

    private Process launch() {
        try {
            Path configuration = directory.resolve("s3proxy.conf");
            Files.writeString(configuration, configuration());
            Process started =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "-Xmx256m",
                                    "-XX:+UseSerialGC",
                                    "-jar",
                                    jar.toString(),
                                    "--properties",
                                    configuration.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(directory.resolve("s3proxy.log").toFile())
                            .start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
            Awaitility.await("S3 server")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !started.isAlive() || isListening(port));
            if (!started.isAlive()) {
                throw new IllegalStateException(Files.readString(directory.resolve("s3proxy.log")));
            }
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configuration() {
        return """
        s3proxy.endpoint=http://127.0.0.1:%d
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.identity=local
        jclouds.credential=local
        jclouds.filesystem.basedir=%s
        """
                .formatted(
                        port,
                        credentials.accessKeyId(),
                        credentials.secretAccessKey().reveal(),
                        directory.resolve("data"));
    }

    static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
