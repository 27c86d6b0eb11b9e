package io.matriarch.archiver.postgresql;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.ServerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL 15 server that archives its WAL into a directory store by itself, and a folder in
 * which everything of a test lies. Servers do not run as root, so all of it belongs to {@code
 * postgres}.
 */
public final class TestCluster implements AutoCloseable {

    public static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
    public static final String USER = "postgres";

    private static final boolean IS_ROOT = System.getProperty("user.name").equals("root");

    private final Path folder;
    private final Path data;
    private final Path socket;
    private final int port;
    private final RepositoryLayout layout;
    private final ObjectStore store;

    private TestCluster(Path folder, int port) throws IOException, InterruptedException {
        this.folder = folder;
        this.data = folder.resolve("data");
        this.socket = folder.resolve("socket");
        this.port = port;
        for (String name : new String[] {"socket", "store", "tmp"}) {
            own(Files.createDirectory(folder.resolve(name)));
        }
        run(
                PROGRAMS.resolve("initdb").toString(),
                "--data-checksums",
                "--wal-segsize=1",
                "--username=" + USER,
                "--auth=trust",
                "--no-sync",
                "--pgdata=" + data);
        this.layout =
                new RepositoryLayout(
                        new ClusterName("test"),
                        new DataDirectory(data).controlFile().orElseThrow().systemIdentifier());
        this.store =
                ObjectStore.open(
                        StoreSettings.of(StoreLocation.parse("file://" + folder.resolve("store"))));
        configure();
    }

    /** Makes a cluster and starts it. */
    public static TestCluster start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("matriarch-it-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        own(folder);
        TestCluster cluster = new TestCluster(folder, FreePort.draw());
        cluster.startServer();
        return cluster;
    }

    private void configure() throws IOException, InterruptedException {
        Path archive = folder.resolve("archive");
        Path wal = folder.resolve("store").resolve(layout.walFolder());
        // The server archives into it, whoever is the first to put something beside it.
        Path part = folder.resolve("store");
        for (Path name : Path.of(layout.walFolder())) {
            part = own(Files.createDirectory(part.resolve(name)));
        }
        Files.writeString(
                archive,
                """
                set -e
                case "$2" in
                *.backup) exit 0 ;;
                *.history) mkdir -p "%1$s"; cp "$1" "%1$s.$2"; mv "%1$s.$2" "%1$s$2" ;;
                *)
                    folder="%1$s$(echo "$2" | cut -c1-8)"
                    mkdir -p "$folder"
                    zstd -q -f "$1" -o "$folder/.$2"
                    mv "$folder/.$2" "$folder/$2.zst" ;;
                esac
                """
                        .formatted(wal + "/"));
        Files.writeString(
                data.resolve("postgresql.conf"),
                """
                port = %d
                listen_addresses = '127.0.0.1'
                unix_socket_directories = '%s'
                fsync = off
                archive_mode = on
                archive_command = 'sh %s %%p %%f'
                max_wal_senders = 5
                synchronous_standby_names = ''
                """
                        .formatted(port, socket, archive));
    }

    public void startServer() throws IOException, InterruptedException {
        run(
                PROGRAMS.resolve("pg_ctl").toString(),
                "start",
                "--wait",
                "--pgdata=" + data,
                "--log=" + folder.resolve("server.log"));
    }

    public void stopServer(String mode) throws IOException, InterruptedException {
        run(
                PROGRAMS.resolve("pg_ctl").toString(),
                "stop",
                "--wait",
                "--mode=" + mode,
                "--pgdata=" + data);
    }

    public Path folder() {
        return folder;
    }

    /** A name for something new in this test's folder. */
    public Path fresh(String name) {
        return folder.resolve("tmp").resolve(name);
    }

    public Path data() {
        return data;
    }

    public int port() {
        return port;
    }

    public RepositoryLayout layout() {
        return layout;
    }

    public ObjectStore store() {
        return store;
    }

    /** The repository's directory, given to the servers' user: nobody else's files may be read. */
    public Path repository() throws IOException {
        Path root = object("");
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                own(each);
            }
        }
        return root;
    }

    /** Where the object of a key lies, for tests that damage it. */
    public Path object(String key) {
        return folder.resolve("store").resolve(key);
    }

    public ServerAddress address() {
        return ServerAddress.tcp("127.0.0.1", port, USER, Optional.empty());
    }

    /** The output of a statement, without decoration. */
    public String sql(String statement) throws IOException, InterruptedException {
        return sql(port, statement);
    }

    public static String sql(int port, String statement) throws IOException, InterruptedException {
        return sql(port, "postgres", statement);
    }

    public static String sql(int port, String database, String statement)
            throws IOException, InterruptedException {
        return run(
                        PROGRAMS.resolve("psql").toString(),
                        "--no-psqlrc",
                        "--quiet",
                        "--tuples-only",
                        "--no-align",
                        "--set=ON_ERROR_STOP=1",
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--username=" + USER,
                        "--command=" + statement,
                        database)
                .strip();
    }

    /** Runs a program as the servers' user; fails with its output. */
    public static String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("matriarch-it-", ".out");
        try {
            Process process = begin(output, command);
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroy();
                throw new IllegalStateException("did not end: " + List.of(command));
            }
            String text = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new IllegalStateException(List.of(command) + ": " + text);
            }
            return text;
        } finally {
            Files.delete(output);
        }
    }

    /** Begins a program as the servers' user, its output in a file. */
    public static Process begin(Path output, String... command) throws IOException {
        List<String> words = new ArrayList<>();
        if (IS_ROOT) {
            words.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=" + USER,
                            "--regid=" + USER,
                            "--init-groups",
                            "--"));
        }
        words.addAll(List.of(command));
        return new ProcessBuilder(words)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** The user to hand files over to; empty if we are that user. */
    public static Optional<String> owner() {
        return IS_ROOT ? Optional.of(USER) : Optional.empty();
    }

    /** Gives a path to the servers' user. */
    public static Path own(Path path) throws IOException {
        if (IS_ROOT) {
            Files.setOwner(
                    path,
                    path.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(USER));
        }
        return path;
    }

    @Override
    public void close() throws IOException {
        store.close();
        shutDown();
        deleteAll();
    }

    private void shutDown() throws IOException {
        if (!Files.exists(data.resolve("postmaster.pid"))) {
            return;
        }
        try {
            stopServer("immediate");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("a server was left running", e);
        }
    }

    private void deleteAll() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder())
                    .forEach(path -> {
                        try {
                            Files.deleteIfExists(path);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }
}
