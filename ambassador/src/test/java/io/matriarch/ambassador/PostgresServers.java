package io.matriarch.ambassador;

import io.matriarch.elector.situation.Endpoint;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Real servers of PostgreSQL 15, each with its own data directory, run as the user {@code postgres}
 * where the test runs as root. Each says its name in the setting {@code cluster_name}.
 */
final class PostgresServers implements AutoCloseable {

    private static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");
    private static final int FIRST_PORT = 21_300;
    private static final int LAST_PORT = 21_399;

    private final Path home;
    private final Map<String, Endpoint> running = new TreeMap<>();

    PostgresServers() throws IOException {
        home = Files.createTempDirectory("ambassador-postgres");
        if (isRoot()) {
            run("chown", "postgres:postgres", home.toString());
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Initialises and starts a server of its own. */
    Endpoint start(String name) throws IOException {
        postgres("initdb", "-D", data(name), "-A", "trust", "-U", "postgres", "--no-sync");
        return launch(name);
    }

    /** Clones a running server and starts the clone as its streaming standby. */
    Endpoint startStandby(String name, String of) throws IOException {
        Endpoint source = endpoint(of);
        postgres(
                "pg_basebackup",
                "-D",
                data(name),
                "-R",
                "--no-sync",
                "-c",
                "fast",
                "-d",
                "host=127.0.0.1 user=postgres port=" + source.port());
        return launch(name);
    }

    /** Starts it again, or for the first time, with TLS from a certificate of its own. */
    void restartWithTls(String name) throws IOException {
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-keyout",
                data(name) + "/server.key",
                "-out",
                data(name) + "/server.crt");
        if (isRoot()) {
            run("chown", "postgres:postgres", data(name) + "/server.key");
        }
        run("chmod", "600", data(name) + "/server.key");
        Files.writeString(
                Path.of(data(name), "postgresql.conf"), "\nssl=on\n", StandardOpenOption.APPEND);
        postgres("pg_ctl", "-D", data(name), "-w", "-m", "fast", "restart");
    }

    void promote(String name) throws IOException {
        postgres("pg_ctl", "-D", data(name), "-w", "promote");
    }

    private Endpoint launch(String name) throws IOException {
        Endpoint endpoint = new Endpoint("127.0.0.1", freePort());
        Files.writeString(
                Path.of(data(name), "postgresql.conf"),
                """

                port=%d
                listen_addresses='127.0.0.1'
                unix_socket_directories=''
                max_connections=50
                fsync=off
                cluster_name='%s'
                """
                        .formatted(endpoint.port(), name),
                StandardOpenOption.APPEND);
        postgres("pg_ctl", "-D", data(name), "-w", "-l", data(name) + ".log", "start");
        running.put(name, endpoint);
        return endpoint;
    }

    Endpoint endpoint(String name) {
        return Objects.requireNonNull(running.get(name));
    }

    private String data(String name) {
        return home.resolve(name).toString();
    }

    private static int freePort() throws IOException {
        for (int port = FIRST_PORT; port <= LAST_PORT; port++) {
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                // The next one.
            }
        }
        throw new IOException("port: none free (expected: one of 21300 to 21399)");
    }

    private static void postgres(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=postgres",
                            "--regid=postgres",
                            "--init-groups",
                            "--"));
        }
        command.add(BIN.resolve(program).toString());
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    /** Runs a program to its end and returns what it said. */
    static String run(String... command) throws IOException {
        Path output = Files.createTempFile("ambassador-run", ".out");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(new File("/"))
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            String said = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(output);
        }
    }

    @Override
    public void close() throws IOException {
        for (String name : running.keySet()) {
            postgres("pg_ctl", "-D", data(name), "-w", "-m", "immediate", "stop");
        }
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
