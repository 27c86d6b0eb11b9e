package io.matriarch.supervisor;

import static org.awaitility.Awaitility.await;

import io.matriarch.outside.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A supervisor, its control directory and a copy of a prepared data directory, in one place to be
 * thrown away.
 */
final class SupervisedPostgres implements AutoCloseable {

    static final Path SCRIPT =
            Path.of("../docker/postgres/supervise.sh").toAbsolutePath().normalize();
    static final int POLL_MILLIS = 250;

    private final Path home;
    private final Path template;
    private final int port;
    private final List<Process> supervisors = new ArrayList<>();
    final Path data;
    final ControlFiles control;

    private SupervisedPostgres(Path home, Path template) throws IOException {
        this.home = home;
        this.template = template;
        this.data = home.resolve("data");
        this.control = new ControlFiles(home.resolve("control"));
        this.port = FreePort.draw();
        // The user who runs it may not be allowed to read the source tree.
        Files.copy(SCRIPT, home.resolve("supervise.sh"));
    }

    static SupervisedPostgres withoutData(Path template) throws IOException, InterruptedException {
        SupervisedPostgres postgres = new SupervisedPostgres(PostgresUser.directory(), template);
        PostgresUser.run("mkdir", "-m", "0700", postgres.control.file("").toString());
        return postgres;
    }

    static SupervisedPostgres withData(Path template) throws IOException, InterruptedException {
        SupervisedPostgres postgres = withoutData(template);
        postgres.copyData();
        return postgres;
    }

    void copyData() throws InterruptedException {
        Path fresh = home.resolve("fresh");
        PostgresUser.run("cp", "-a", template.toString(), fresh.toString());
        configure(fresh, "port=" + port);
        PostgresUser.run("mv", fresh.toString(), data.toString());
    }

    void configure(String line) {
        configure(data, line);
    }

    private static void configure(Path directory, String line) {
        try {
            Files.writeString(
                    directory.resolve("postgresql.conf"), line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process startSupervisor() {
        Process supervisor = launch("bash", home.resolve("supervise.sh").toString());
        await("a first report").until(() -> heartbeatIsYoungerThan(supervisor));
        return supervisor;
    }

    private boolean heartbeatIsYoungerThan(Process supervisor) {
        String heartbeat = control.actual("heartbeat").replace(".", "");
        long age = supervisor.info().startInstant().orElseThrow().until(Instant.now()).toMillis();
        return !heartbeat.equals("?")
                && ControlFiles.bootCentis() - Long.parseLong(heartbeat) < age / 10;
    }

    /** Starts a supervisor of this data directory and waits for nothing. */
    Process launch(String... words) {
        return launch(PostgresUser.command(words));
    }

    /** A supervisor that is the first process of a PID namespace, as in a container. Needs root. */
    Process startSupervisorAsFirstProcess() {
        List<String> command =
                new ArrayList<>(
                        List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"));
        command.addAll(PostgresUser.command("bash", home.resolve("supervise.sh").toString()));
        Process namespace = launch(command);
        await("a first report").until(() -> heartbeatIsYoungerThan(namespace));
        return namespace;
    }

    private Process launch(List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("MATRIARCH_CONTROL", control.file("").toString());
            builder.environment().put("PGDATA", data.toString());
            builder.environment().put("MATRIARCH_PGBIN", PostgresUser.programs().toString());
            builder.environment().put("MATRIARCH_POLL_MILLIS", String.valueOf(POLL_MILLIS));
            builder.directory(home.toFile());
            builder.redirectErrorStream(true);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()));
            Process process = builder.start();
            supervisors.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By SIGKILL. */
    void killSupervisors() throws InterruptedException {
        for (Process supervisor : supervisors) {
            supervisor.destroyForcibly().waitFor();
        }
    }

    String log() {
        try {
            return Files.readString(home.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A supervisor with a primary that takes connections, permitted for the given time. */
    long startPrimary(long epoch, long leaseCentis) {
        startSupervisor();
        long deadline = control.lease("primary", epoch, leaseCentis);
        control.desire("running", "fast");
        awaitConnections();
        return deadline;
    }

    void startStandby() {
        startSupervisor();
        control.desire("running", "fast");
        awaitConnections();
    }

    void awaitActual(String key, String value) {
        await(key + " to be " + value + ", but: " + control.read("actual"))
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> control.actual(key).equals(value));
    }

    void awaitConnections() {
        await("connections")
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    connect().close();
                    return true;
                });
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + port
                        + "/postgres?user=postgres&preferQueryMode=simple&socketTimeout=30&sslmode=disable");
    }

    boolean isInRecovery() throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT pg_is_in_recovery()")) {
            rows.next();
            return rows.getBoolean(1);
        }
    }

    /** Asks the lock itself, not the supervisor. */
    boolean isLockFree() throws InterruptedException, IOException {
        return new ProcessBuilder("flock", "-n", home.resolve("data.lock").toString(), "true")
                        .start()
                        .waitFor()
                == 0;
    }

    static void signal(String name, long pid) throws InterruptedException, IOException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor();
    }

    long postmaster() {
        return Long.parseLong(control.actual("pid"));
    }

    @Override
    public void close() throws IOException {
        try {
            end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in cleaning up " + home, e);
        }
    }

    private void end() throws IOException, InterruptedException {
        endSupervisors();
        if (!isLockFree()) {
            // Left by a supervisor that the test killed: another one ends it.
            startSupervisor();
            endSupervisors();
        }
        PostgresUser.remove(home);
    }

    private void endSupervisors() throws InterruptedException {
        for (Process supervisor : supervisors) {
            supervisor.destroy();
            if (!supervisor.waitFor(20, TimeUnit.SECONDS)) {
                supervisor.destroyForcibly().waitFor();
            }
        }
    }
}
