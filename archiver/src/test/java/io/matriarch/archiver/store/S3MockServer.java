package io.matriarch.archiver.store;

import io.matriarch.archiver.postgresql.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * S3Mock, as a process on a free port of the loopback. It knows tags, encryption and checksums,
 * which S3Proxy does not; it believes every signature, and lets several of many writers win.
 */
final class S3MockServer implements AutoCloseable {

    private static final String BUCKET = "archive";

    private final int port = FreePort.draw();
    private final Process process;

    private S3MockServer(Path directory) throws IOException {
        Path log = directory.resolve("s3mock.log");
        this.process = launcher(directory).redirectOutput(log.toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Awaitility.await("S3Mock")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !process.isAlive() || S3Server.isListening(port));
        if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(log));
        }
    }

    static S3MockServer start(Path directory) {
        try {
            return new S3MockServer(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder launcher(Path directory) {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        S3Server.jar("s3mock.jar").toString(),
                        "-Dloader.main=" + LoopbackS3Mock.class.getName(),
                        "-Dloader.path=" + classes(),
                        "org.springframework.boot.loader.launch.PropertiesLauncher",
                        "--server.address=127.0.0.1",
                        "--server.port=" + port,
                        "--http.port=0");
        builder.environment()
                .put("COM_ADOBE_TESTING_S3MOCK_STORE_ROOT", directory.resolve("data").toString());
        builder.environment().put("COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS", BUCKET);
        return builder.redirectErrorStream(true);
    }

    private static Path classes() {
        return Path.of(
                URI.create(
                        LoopbackS3Mock.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()));
    }

    /**
     * @param options more of the repository's URL, beginning with {@code &}
     */
    StoreSettings settings(String prefix, String options) {
        return StoreSettings.of(
                        StoreLocation.parse(
                                "s3://%s/%s?endpoint=http://127.0.0.1:%d&path-style=true%s"
                                        .formatted(BUCKET, prefix, port, options)))
                .withCredentials(StoreCredentials.of("somebody", "whatever"));
    }

    /** Where an object is seen by whoever asks: nothing has to be signed. */
    URI object(String key, String query) {
        return URI.create("http://127.0.0.1:%d/%s/%s%s".formatted(port, BUCKET, key, query));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
