package io.matriarch.benchmark.stage;

import io.matriarch.postgres.sql.ServerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/** A plain PostgreSQL server with page checksums, on a Unix socket in a directory of its own. */
public final class Server {

    private static final int PORT = 5432;

    private final Path programs;
    private final Shell shell;
    private final Path home;

    public Server(Path programs, Shell shell, Path home) {
        this.programs = programs;
        this.shell = shell;
        this.home = home;
    }

    /** A new cluster with pgbench's tables: about 15 MB for each unit of scale. */
    public static Server create(Path programs, Shell shell, Path home, int scale)
            throws InterruptedException {
        Server server = new Server(programs, shell, home);
        server.program("initdb", "-k", "-N", "-A", "trust", "-U", "postgres", "-D", server.data());
        server.configure(
                """
                listen_addresses = ''
                unix_socket_directories = '%s'
                port = %d
                shared_buffers = '256MB'
                max_wal_size = '64GB'
                checkpoint_timeout = '1d'
                wal_keep_size = '16GB'
                autovacuum = off
                archive_mode = on
                archive_command = ''
                """
                        .formatted(home, PORT));
        server.start();
        server.program(
                "pgbench",
                "-q",
                "-i",
                "-s",
                Integer.toString(scale),
                "-h",
                home.toString(),
                "-U",
                "postgres",
                "postgres");
        server.sql("CHECKPOINT");
        return server;
    }

    public String data() {
        return home.resolve("data").toString();
    }

    public Path home() {
        return home;
    }

    public Path dataDirectory() {
        return home.resolve("data");
    }

    public ServerAddress address() {
        return ServerAddress.unixSocket(home, PORT, "postgres");
    }

    public Server configure(String lines) {
        try {
            Files.writeString(
                    dataDirectory().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void start() throws InterruptedException {
        program("pg_ctl", "start", "-s", "-w", "-t", "600", "-D", data(), "-l", log().toString());
    }

    public void stop() throws InterruptedException {
        if (Files.exists(dataDirectory().resolve("postmaster.pid"))) {
            program("pg_ctl", "stop", "-s", "-w", "-m", "fast", "-D", data());
        }
    }

    private Path log() {
        return home.resolve("postgres.log");
    }

    public String logText() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first column of the only row, or nothing. */
    public String sql(String command) throws InterruptedException {
        return program(
                        "psql",
                        "-X",
                        "-q",
                        "-A",
                        "-t",
                        "-h",
                        home.toString(),
                        "-U",
                        "postgres",
                        "-c",
                        command,
                        "postgres")
                .strip();
    }

    /** From now on PostgreSQL archives by this command; with an empty one WAL waits. */
    public void archiveBy(String command) throws InterruptedException {
        sql("ALTER SYSTEM SET archive_command = '" + command.replace("'", "''") + "'");
        sql("SELECT pg_reload_conf()");
    }

    public Path wal() {
        return dataDirectory().resolve("pg_wal");
    }

    /** Segments with a status of this kind ({@code ready} or {@code done}), oldest first. */
    public List<String> segments(String status) {
        String[] names = wal().resolve("archive_status").toFile().list();
        return Arrays.stream(names == null ? new String[0] : names)
                .filter(name -> name.matches("[0-9A-F]{24}\\." + status))
                .map(name -> name.substring(0, 24))
                .sorted()
                .toList();
    }

    /** PostgreSQL will archive these segments again, and takes all others for archived. */
    public void forgetNothingBut(List<String> segments) throws IOException {
        Path status = wal().resolve("archive_status");
        for (String segment : segments("ready")) {
            Files.move(status.resolve(segment + ".ready"), status.resolve(segment + ".done"));
        }
        for (String segment : segments) {
            Files.move(status.resolve(segment + ".done"), status.resolve(segment + ".ready"));
        }
    }

    public String program(String name, String... arguments) throws InterruptedException {
        String[] words = new String[arguments.length + 1];
        words[0] = programs.resolve(name).toString();
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return shell.run(words);
    }

    public Path programs() {
        return programs;
    }
}
