package io.matriarch.archiver.postgresql;

import static org.awaitility.Awaitility.await;

import io.matriarch.postgres.sql.ServerAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** A standby that streams from a {@link TestCluster}, in that cluster's folder. */
public final class TestStandby {

    private final TestCluster primary;
    private final Path data;
    private final int port;

    private TestStandby(TestCluster primary, Path data, int port) {
        this.primary = primary;
        this.data = data;
        this.port = port;
    }

    /** Clones the primary and starts the clone; it streams when this returns. */
    public static TestStandby of(TestCluster primary) throws IOException, InterruptedException {
        Path data = primary.fresh("standby");
        // A checkpoint must not take away what is still on its way.
        primary.sql("ALTER SYSTEM SET wal_keep_size = '256MB'");
        primary.sql("SELECT pg_reload_conf()");
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_basebackup").toString(),
                "--host=127.0.0.1",
                "--port=" + primary.port(),
                "--username=" + TestCluster.USER,
                "--checkpoint=fast",
                "--wal-method=stream",
                "--write-recovery-conf",
                "--pgdata=" + data);
        TestStandby standby = new TestStandby(primary, data, FreePort.draw());
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "port = " + standby.port + "\n",
                StandardOpenOption.APPEND);
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                "start",
                "--wait",
                "--pgdata=" + data,
                "--log=" + primary.fresh("standby.log"));
        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> standby.sql("SELECT count(*) FROM pg_stat_wal_receiver").equals("1"));
        return standby;
    }

    public Path data() {
        return data;
    }

    public ServerAddress address() {
        return ServerAddress.tcp("127.0.0.1", port, TestCluster.USER, Optional.empty());
    }

    public String sql(String query) throws IOException, InterruptedException {
        return TestCluster.sql(port, query);
    }

    /** Has replayed all that the primary has written up to now. */
    public void catchUp() throws IOException, InterruptedException {
        String end = primary.sql("SELECT pg_current_wal_flush_lsn()");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> sql("SELECT pg_last_wal_replay_lsn() >= '" + end + "'").equals("t"));
    }

    public void promote() throws IOException, InterruptedException {
        sql("SELECT pg_promote()");
    }

    public void stop() throws IOException, InterruptedException {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                "stop",
                "--wait",
                "--mode=immediate",
                "--pgdata=" + data);
    }
}
