package io.matriarch.archiver.readback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupContentsTest {

    @TempDir private Path repository;

    @Test
    void scratch_space_that_is_not_there_is_named_and_how_to_have_another() {
        ObjectStore store =
                ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)));
        BaseBackup backup = new TestArchive().backup(1, 0, 1);
        Path nowhere = repository.resolve("nowhere");

        assertThatThrownBy(() ->
                        BackupContents.read(
                                new Download(store), TestArchive.LAYOUT, backup, nowhere))
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessage(
                                            "scratch space in "
                                                    + nowhere
                                                    + ": no such file or directory");
                            assertThat(it.hint())
                                    .contains("room")
                                    .contains("MATRIARCH_JAVA_OPTS=-Djava.io.tmpdir=");
                        });
    }
}
