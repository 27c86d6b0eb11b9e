package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchOutcome;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.script.ControlScripts;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments of every size go to an S3 server and come back the same. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SegmentSizesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final WriterEpoch EPOCH = new WriterEpoch(1);
    private static S3Server server;

    @TempDir Path directory;

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3Server.start(directory);
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
    }

    @ParameterizedTest(name = "{0} MB")
    @ValueSource(ints = {1, 64, 256})
    void a_server_s_segments_come_back_the_same(int megabytes) throws Exception {
        try (ObjectStore store = ObjectStore.open(server.settings("size/" + megabytes));
                PostgresServer primary =
                        PostgresServer.initialise(
                                directory.resolve("primary"), "--wal-segsize=" + megabytes)) {
            WalSegmentSize size = new WalSegmentSize((long) megabytes << 20);
            Path control = Files.createDirectories(directory.resolve("control"));
            Path spool = directory.resolve("spool");
            ControlScripts scripts =
                    new ControlScripts(control, spool, ControlScripts.TROUBLE_OF_A_STANDBY);
            scripts.install();
            RepositoryLayout layout = ArchivingScenarios.layoutOf(primary);
            PushSettings settings = PushSettings.of(layout, size, "node1/1", primary.data(), spool);
            try (WalArchiver archiver =
                    new WalArchiver(settings, store, () -> Optional.of(EPOCH))) {
                archiver.start();
                primary.configure(
                        "archive_mode = on\nwal_level = replica\nwal_keep_size = '1GB'\n"
                                + "archive_command = '"
                                + scripts.archiveCommand()
                                + "'");
                primary.start();
                primary.execute("create table t as select generate_series(1, 20000) n");
                String first = primary.query("select pg_walfile_name(pg_switch_wal())");
                primary.execute("insert into t select generate_series(1, 20000)");
                String last = primary.query("select pg_walfile_name(pg_switch_wal())");
                awaitArchived(primary, last);

                for (String name : new String[] {first, last}) {
                    comesBackTheSame(store, settings, name);
                }
            }
        }
    }

    @Test
    void a_segment_of_a_gigabyte_comes_back_the_same() throws Exception {
        String name = "000000010000000100000002";
        WalSegmentSize size = new WalSegmentSize(1L << 30);
        Path data = directory.resolve("data");
        new FakeWal(data).write(name, new byte[0]);
        writeSparse(data.resolve("pg_wal").resolve(name), size);
        PushSettings settings =
                PushSettings.of(
                        new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM),
                        size,
                        "node1/1",
                        data,
                        directory.resolve("spool"));
        try (ObjectStore store = ObjectStore.open(server.settings("size/1024"));
                WalUpload upload = new WalUpload(settings, store, () -> Optional.of(EPOCH))) {

            UploadOutcome outcome = upload.upload(WalName.tryParse(name).orElseThrow(), EPOCH);

            assertThat(outcome).isEqualTo(new UploadOutcome.Archived(size.bytes()));
            comesBackTheSame(store, settings, name);
        }
    }

    /** By a comparison of blocks: one of bytes takes longer than all the rest. */
    private void comesBackTheSame(ObjectStore store, PushSettings settings, String name)
            throws IOException {
        Path copy = directory.resolve("copy");
        FetchOutcome outcome =
                new ArchivedWal(store, settings.layout(), settings.segmentSize())
                        .fetch(WalName.tryParse(name).orElseThrow(), copy);

        assertThat(outcome).isEqualTo(new FetchOutcome.Fetched(settings.segmentSize().bytes()));
        assertThat(Files.mismatch(copy, settings.walDirectory().resolve(name)))
                .as("the first byte of %s that differs", name)
                .isNegative();
    }

    private static void awaitArchived(PostgresServer server, String name) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(
                                        server.query(
                                                "select coalesce(last_archived_wal, '') from"
                                                        + " pg_stat_archiver"))
                                .isGreaterThanOrEqualTo(name));
    }

    /** The third segment of a gigabyte each: a header, something at the end, and a hole between. */
    private static void writeSparse(Path file, WalSegmentSize size) throws Exception {
        ByteBuffer header = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(0, (short) 0xD110)
                .putShort(2, (short) 2)
                .putInt(4, 1)
                .putLong(8, 6L << 30)
                .putLong(24, FakeWal.SYSTEM.value())
                .putInt(32, (int) size.bytes())
                .putInt(36, FakeWal.PAGE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(header);
            channel.write(ByteBuffer.wrap(new byte[] {7}), size.bytes() - 1);
        }
    }
}
