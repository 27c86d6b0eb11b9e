package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchivedWalTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), new SystemIdentifier(7));
    private static final WalName NAME = WalName.tryParse("000000010000000000000001").orElseThrow();

    @TempDir Path repository;
    @TempDir Path folder;

    /**
     * Nothing is mapped at the beginning of a process, so to read there is an error of the disk.
     */
    @Test
    void a_disk_of_the_repository_that_cannot_be_read_is_not_said_to_lack_room_here()
            throws Exception {
        Path object = repository.resolve(LAYOUT.wal(NAME));
        Files.createDirectories(object.getParent());
        Files.createSymbolicLink(object, Path.of("/proc/self/mem"));
        ArchivedWal archive =
                new ArchivedWal(
                        ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository))),
                        LAYOUT,
                        WalSegmentSize.DEFAULT);

        assertThatThrownBy(() -> archive.fetch(NAME, folder.resolve(NAME.text())))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessageContaining(LAYOUT.wal(NAME))
                                    .hasMessageContaining("Input/output error");
                            assertThat(it.hint()).doesNotContain("room");
                        });
        assertThat(folder).isEmptyDirectory();
    }
}
