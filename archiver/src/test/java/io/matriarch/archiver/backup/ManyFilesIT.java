package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.TestCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ManyFilesIT {

    private static final int FOLDERS = 100;
    private static final int FILES = 1000;
    private static final String HEAP = "96m";

    @Test
    void a_hundred_thousand_small_files_are_backed_up_in_a_small_heap() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            Path many = Files.createDirectory(cluster.data().resolve("many"));
            for (int i = 0; i < FOLDERS; i++) {
                Path folder = Files.createDirectory(many.resolve("folder-" + i));
                for (int k = 0; k < FILES; k++) {
                    Files.writeString(folder.resolve("file-" + k), "content " + i + " " + k);
                }
            }

            Process process = BackupProcess.begin(cluster, HEAP);
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor()).as(said).isZero();
            BaseBackup backup = Backups.list(cluster.store(), cluster.layout()).getFirst();
            assertThat(backup.totals().files()).isGreaterThan(FOLDERS * FILES);
            unpackByHand(cluster, backup);
        }
    }

    private static void unpackByHand(TestCluster cluster, BaseBackup backup) throws Exception {
        Path directory = cluster.fresh("by-hand");
        TestCluster.run(
                "bash",
                "-c",
                """
                set -e -o pipefail
                mkdir -m 700 '%1$s'
                for bundle in '%2$s'/bundle-*.tar.zst; do
                    zstd -dc "$bundle" | tar -x -C '%1$s'
                done
                """
                        .formatted(
                                directory,
                                cluster.object(cluster.layout().backupFolder(backup.id()))));
        RestoredCopy.verify(directory);
    }
}
