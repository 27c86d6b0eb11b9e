package io.matriarch.archiver.push;

import io.matriarch.archiver.postgresql.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL server of its own for a test; as another user where this one is root. */
public final class PostgresServer implements AutoCloseable {

    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
    private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));

    private final Path home;
    private final int port;

    private PostgresServer(Path home) {
        this.home = home;
        this.port = FreePort.draw();
    }

    /** A new cluster, not started, made with these options of initdb besides its own. */
    public static PostgresServer initialise(Path home, String... options) {
        PostgresServer server = new PostgresServer(home);
        server.prepareHome();
        List<String> words = new ArrayList<>(List.of("-D", server.data().toString()));
        words.addAll(List.of("-U", "postgres", "-A", "trust", "-N"));
        words.addAll(List.of(options));
        server.program("initdb", words.toArray(String[]::new));
        server.configureConnections();
        return server;
    }

    /** A copy of a running server, by pg_basebackup, not started. */
    public static PostgresServer copyOf(PostgresServer source, Path home) {
        PostgresServer server = new PostgresServer(home);
        server.prepareHome();
        server.program(
                "pg_basebackup",
                "-D",
                server.data().toString(),
                "-d",
                "host=127.0.0.1 user=postgres port=" + source.port,
                "-c",
                "fast",
                "-X",
                "stream");
        server.configureConnections();
        return server;
    }

    public Path data() {
        return home.resolve("data");
    }

    public String connectionInfo() {
        return "host=127.0.0.1 user=postgres port=" + port;
    }

    /** Adds lines to postgresql.conf. */
    public PostgresServer configure(String lines) {
        try {
            Files.writeString(
                    data().resolve("postgresql.conf"), lines + "\n", StandardOpenOption.APPEND);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public PostgresServer asStandby() {
        try {
            Path signal = Files.createFile(data().resolve("standby.signal"));
            giveToServer(signal);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void start() {
        program("pg_ctl", "start", "-w", "-D", data().toString(), "-l", log().toString());
    }

    public void stop(String mode) {
        program("pg_ctl", "stop", "-w", "-m", mode, "-D", data().toString());
    }

    public void promote() {
        program("pg_ctl", "promote", "-w", "-D", data().toString());
    }

    public String logText() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first column of the first row. */
    public String query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
    }

    @Override
    public void close() {
        if (Files.exists(data().resolve("postmaster.pid"))) {
            stop("immediate");
        }
    }

    /** Makes a directory that the server may write into. */
    public static void giveToServer(Path path) throws IOException {
        if (IS_ROOT) {
            UserPrincipal postgres =
                    path.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("postgres");
            Files.setOwner(path, postgres);
        }
    }

    private Path log() {
        return home.resolve("postgres.log");
    }

    private void prepareHome() {
        try {
            Files.createDirectories(home);
            giveToServer(home);
            for (Path above = home.getParent();
                    above != null && above.getNameCount() > 1 && above.startsWith("/tmp");
                    above = above.getParent()) {
                Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void configureConnections() {
        configure(
                """
                port = %d
                listen_addresses = '127.0.0.1'
                unix_socket_directories = ''
                fsync = off
                shared_buffers = '16MB'
                max_connections = 20
                """
                        .formatted(port));
    }

    private void program(String name, String... arguments) {
        List<String> command = new ArrayList<>();
        if (IS_ROOT) {
            command.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=postgres",
                            "--regid=postgres",
                            "--init-groups",
                            "--"));
        }
        command.add(PROGRAMS.resolve(name).toString());
        command.addAll(List.of(arguments));
        try {
            Path output = home.resolve(name + ".out");
            Process process =
                    new ProcessBuilder(command)
                            .directory(home.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                String log = Files.exists(log()) ? logText() : "";
                throw new IllegalStateException(name + ": " + Files.readString(output) + log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
