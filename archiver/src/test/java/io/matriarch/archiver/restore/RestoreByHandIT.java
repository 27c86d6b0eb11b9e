package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.encryption.EncryptedCopy;
import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of docs/restore-by-hand.md, taken from the document itself and run as they stand
 * there. Nothing of ours takes part in the restore.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreByHandIT {

    private static final Path DOCUMENTS = Path.of("../docs");

    private TestCluster cluster;
    private BaseBackup backup;
    private String target;

    @BeforeAll
    void a_table_that_was_dropped_after_a_backup() throws Exception {
        cluster = TestCluster.start();
        Path space = TestCluster.own(Files.createDirectory(cluster.fresh("space")));
        cluster.sql("CREATE TABLESPACE elsewhere LOCATION '" + space + "'");
        cluster.sql("CREATE TABLE moved TABLESPACE elsewhere AS SELECT 7 AS seven");
        cluster.sql("CREATE TABLE kept AS SELECT g FROM generate_series(1, 1000) g");
        backup =
                new BackupRun(
                                cluster.store(),
                                cluster.layout(),
                                new BackupSource(cluster.address(), cluster.data(), "node1", 1),
                                BackupSettings.DEFAULT,
                                new WalSwitch(cluster.address()))
                        .run("by hand", TransferProgress.SILENT);
        // What an interrupted run leaves where nothing may be deleted; unpacked, it is the last.
        leaveBehind(RepositoryLayout.bundleName(999), "not a bundle of this backup");
        leaveBehind("journal-00077.json.zst", "nothing");
        cluster.sql("INSERT INTO kept SELECT g FROM generate_series(1001, 1234) g");
        target = cluster.sql("SELECT clock_timestamp()");
        cluster.sql("SELECT pg_sleep(0.1)");
        cluster.sql("DROP TABLE kept");
        String last = cluster.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
        cluster.sql("SELECT pg_switch_wal()");
        Awaitility.await("the last segment to be archived")
                .atMost(Duration.ofMinutes(1))
                .until(() ->
                        cluster.store()
                                .head(
                                        cluster.layout().walFolder()
                                                + last.substring(0, 8)
                                                + "/"
                                                + last
                                                + ".zst")
                                .isPresent());
    }

    private void leaveBehind(String name, String content) {
        PutOutcome _ =
                cluster.store()
                        .putIfAbsent(
                                cluster.layout().backupFolder(backup.id()) + name,
                                Body.of(content.getBytes(StandardCharsets.UTF_8)),
                                Metadata.NONE);
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void the_document_restores_from_a_directory() throws Exception {
        assertThatItRestores("directory", Map.of("DIRECTORY", cluster.repository().toString()), "");
    }

    /** The backup and its WAL, but for what lies in between in the clear. */
    @Test
    void the_document_restores_what_is_encrypted() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/age")), "age is not installed");
        TestKey key = TestKey.create();
        Path identity = TestCluster.own(TestKey.write(cluster.fresh("identity.txt"), key));
        Path copy = cluster.fresh("encrypted");
        TestCluster.run("cp", "-r", cluster.repository().toString(), copy.toString());
        EncryptedCopy.encrypt(copy, TestKey.writingFor(key));

        assertThatItRestores(
                "directory",
                Map.of("DIRECTORY", copy.toString(), "IDENTITY", identity.toString()),
                "",
                "encrypted");
    }

    @Test
    void the_document_restores_from_a_bucket(@TempDir Path server) throws Exception {
        try (S3Server s3 = S3Server.start(server)) {
            StoreSettings settings = s3.settings("by-hand");
            try (ObjectStore bucket = ObjectStore.open(settings)) {
                for (ListedObject object : cluster.store().list("")) {
                    copy(bucket, object.key());
                }
            }
            StoreCredentials keys = settings.credentials().orElseThrow();
            StoreLocation.Bucket place = (StoreLocation.Bucket) settings.location();
            assertThatItRestores(
                    "bucket",
                    Map.of(
                            "ENDPOINT",
                            place.options().endpoint().map(URI::toString).orElseThrow(),
                            "REGION",
                            "us-east-1",
                            "BUCKET",
                            place.bucket(),
                            "AWS_ACCESS_KEY_ID",
                            keys.accessKeyId(),
                            "AWS_SECRET_ACCESS_KEY",
                            keys.secretAccessKey().reveal()),
                    "by-hand/");
        }
    }

    /** Status 1 would end the recovery, with all the WAL missing. */
    @Test
    void only_a_key_that_is_not_there_is_the_end_of_the_log(@TempDir Path server) throws Exception {
        try (S3Server s3 = S3Server.start(server)) {
            StoreSettings settings = s3.settings("by-hand");
            try (ObjectStore bucket = ObjectStore.open(settings)) {
                assertThat(bucket.list("")).isEmpty();
            }
            String bucket = ((StoreLocation.Bucket) settings.location()).bucket();

            assertThat(statusOfFetch(settings, bucket)).isEqualTo("1");
            assertThat(statusOfFetch(settings, "no-such-" + bucket)).isEqualTo("126");
        }
    }

    /** The document's first two pieces, and then one question. */
    private String statusOfFetch(StoreSettings settings, String bucket) throws Exception {
        StoreCredentials keys = settings.credentials().orElseThrow();
        StoreLocation.Bucket place = (StoreLocation.Bucket) settings.location();
        String text = Files.readString(DOCUMENTS.resolve("restore-by-hand.md"));
        Path work = TestCluster.own(Files.createDirectory(cluster.fresh("ask-" + bucket)));
        Path script = work.resolve("ask.sh");
        Files.writeString(
                script,
                "cd "
                        + work
                        + "\n"
                        + piece(text, "```sh\n")
                        + piece(text, "```sh bucket\n")
                        + "status=0; sh fetch-wal 00000099.history got || status=$?\n"
                        + "echo $status\n");
        return TestCluster.run(
                        "env",
                        "ENDPOINT=" + place.options().endpoint().orElseThrow(),
                        "REGION=us-east-1",
                        "BUCKET=" + bucket,
                        "AWS_ACCESS_KEY_ID=" + keys.accessKeyId(),
                        "AWS_SECRET_ACCESS_KEY=" + keys.secretAccessKey().reveal(),
                        "bash",
                        script.toString())
                .strip();
    }

    private static String piece(String document, String fence) {
        int begin = document.indexOf(fence) + fence.length();
        return document.substring(begin, document.indexOf("```", begin));
    }

    @Test
    void the_document_stops_at_a_description_that_has_changed() throws Exception {
        Path description = cluster.object(cluster.layout().backup(backup.id()));
        String good = Files.readString(description);
        Files.writeString(
                description, good.replace("\"isStandby\" : false", "\"isStandby\" : falsE"));
        try {
            assertThatThrownBy(() ->
                            assertThatItRestores(
                                    "directory",
                                    Map.of("DIRECTORY", cluster.repository().toString()),
                                    "",
                                    "changed"))
                    .hasMessageContaining("backup.json: FAILED");
            assertThat(cluster.fresh("hand-changed").resolve("data")).doesNotExist();
        } finally {
            Files.writeString(description, good);
        }
    }

    @Test
    void a_reader_written_from_the_description_of_the_format_verifies_every_sum() throws Exception {
        Pins pins = new Pins(cluster.store(), cluster.layout());
        pins.pin(new Pin(backup.id(), "for the reader", Instant.now()));
        try {
            assertThat(readIndependently())
                    .contains("backup " + backup.id() + ": " + backup.objects().size())
                    .contains(backup.totals().files() + " files")
                    .contains("pins: " + backup.id());
        } finally {
            pins.unpin(backup.id());
        }
    }

    @Test
    void that_reader_finds_a_flipped_bit() throws Exception {
        Path bundle = cluster.object(cluster.layout().bundle(backup.id(), 0));
        byte[] good = Files.readAllBytes(bundle);
        byte[] bad = good.clone();
        bad[bad.length - 1] ^= 1;
        Files.write(bundle, bad);
        try {
            assertThatThrownBy(this::readIndependently).hasMessageContaining("bundle-00000");
        } finally {
            Files.write(bundle, good);
        }
    }

    private String readIndependently() throws Exception {
        Path script = readable(Path.of("src/test/resources/read-repository.py"), "reader.py");
        try {
            return TestCluster.run(
                    "/usr/bin/python3",
                    script.toString(),
                    cluster.repository().toString(),
                    cluster.layout().cluster().toString(),
                    cluster.layout().systemIdentifier().toString());
        } finally {
            Files.delete(script);
        }
    }

    private void copy(ObjectStore to, String key) throws IOException {
        try (InputStream in = cluster.store().get(key).orElseThrow()) {
            to.putIfAbsent(key, Body.of(in.readAllBytes()), Metadata.NONE);
        }
    }

    private void assertThatItRestores(String kind, Map<String, String> place, String prefix)
            throws Exception {
        assertThatItRestores(kind, place, prefix, kind);
    }

    private void assertThatItRestores(
            String kind, Map<String, String> place, String prefix, String name) throws Exception {
        Path work = TestCluster.own(Files.createDirectory(cluster.fresh("hand-" + name)));
        Path document = readable(DOCUMENTS.resolve("restore-by-hand.md"), name + ".md");
        Path script = readable(Path.of("src/test/resources/run-document.sh"), name + ".sh");
        int port = FreePort.draw();
        Map<String, String> settings = new TreeMap<>(place);
        settings.put("FOLDER", prefix + "test/" + cluster.layout().systemIdentifier());
        settings.put("BACKUP", backup.id().toString());
        settings.put("TARGET_TIME", target);
        settings.put("TARGET_TIMELINE", "1");
        settings.put("PORT", Integer.toString(port));
        List<String> command = new ArrayList<>(List.of("env", "--chdir=" + work));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        command.addAll(List.of("bash", script.toString(), document.toString(), kind));
        try {
            String output = TestCluster.run(command.toArray(String[]::new));

            assertThat(output)
                    .contains(backup.id().toString())
                    .contains("backup successfully verified")
                    .contains("recovery stopping before commit");
            assertThat(work.resolve("backup").resolve(RepositoryLayout.bundleName(999)))
                    .doesNotExist();
            assertThat(TestCluster.sql(port, "SELECT count(*) FROM kept")).isEqualTo("1234");
            assertThat(TestCluster.sql(port, "SELECT seven FROM moved")).isEqualTo("7");
            assertThat(TestCluster.sql(port, "SELECT pg_is_in_recovery()")).isEqualTo("f");
        } finally {
            if (Files.exists(work.resolve("data/postmaster.pid"))) {
                TestCluster.run(
                        TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                        "stop",
                        "--wait",
                        "--mode=immediate",
                        "--pgdata=" + work.resolve("data"));
            }
        }
    }

    private Path readable(Path file, String name) throws IOException {
        return TestCluster.own(Files.copy(file, cluster.fresh(name)));
    }
}
