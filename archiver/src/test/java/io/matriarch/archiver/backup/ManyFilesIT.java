package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.repository.RepositoryLayout;
import java.io.BufferedReader;
import java.io.InputStreamReader;
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

    @Test
    void a_sidecar_backs_up_a_hundred_thousand_small_files_and_builds_a_standby_with_them()
            throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            Path many = Files.createDirectory(cluster.data().resolve("many"));
            for (int i = 0; i < FOLDERS; i++) {
                Path folder = Files.createDirectory(many.resolve("folder-" + i));
                for (int k = 0; k < FILES; k++) {
                    Files.writeString(folder.resolve("file-" + k), "content " + i + " " + k);
                }
            }
            killAtBundle(cluster, 20);

            String said = whole(ManyFilesProcess.backup(cluster));

            BaseBackup backup = Backups.list(cluster.store(), cluster.layout()).getFirst();
            assertThat(backup.totals().files()).isGreaterThan(FOLDERS * FILES);
            long put = said.lines().filter(line -> line.contains("/bundle-")).count();
            long held =
                    backup.objects().stream().filter(it -> it.name().contains("bundle")).count();
            assertThat(put).as("bundles put, of %d", held).isLessThan(held);
            unpackByHand(cluster, backup);

            Path standby = cluster.fresh("standby");
            whole(ManyFilesProcess.clone(cluster, standby));

            RestoredCopy.verify(standby);
            assertThat(standby.resolve("many/folder-99/file-999")).hasContent("content 99 999");
        }
    }

    /** The next run has something to take over. */
    private static void killAtBundle(TestCluster cluster, int number) throws Exception {
        Process process = ManyFilesProcess.backup(cluster);
        try (BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = said.readLine();
            while (line != null && !line.contains("/" + RepositoryLayout.bundleName(number))) {
                line = said.readLine();
            }
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).as("killed").isEqualTo(137);
    }

    private static String whole(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
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
                                cluster.repository()
                                        .resolve(cluster.layout().backupFolder(backup.id()))));
        RestoredCopy.verify(directory);
    }
}
