package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.push.FakeWal;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trouble of this host's disk is told of its place, trouble of an object names that. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WalRestoreTest {

    private static final TimelineId SECOND = new TimelineId(2);

    @TempDir private Path repository;
    @TempDir private Path directory;

    private WalRestore wal() {
        ObjectStore store =
                ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)));
        BaseBackup backup = new TestArchive().backup(1, 0, 1);
        RestorePlan plan =
                new RestorePlan(
                        new RestoreTarget.Latest(),
                        backup,
                        List.of(),
                        SECOND,
                        List.of(),
                        backup.wal().stop(),
                        List.of(),
                        List.of(),
                        List.of());
        return new WalRestore(
                new ArchivedWal(store, TestArchive.LAYOUT, FakeWal.SIZE),
                plan,
                new RestoredFiles(directory, Optional.empty()));
    }

    private void archive(WalName name, String content) throws IOException {
        Path object = repository.resolve(TestArchive.LAYOUT.wal(name));
        Files.createDirectories(object.getParent());
        Files.writeString(object, content);
    }

    @Test
    void a_disk_that_does_not_take_a_file_is_not_the_objects_trouble() throws IOException {
        archive(new WalName.History(SECOND), "1\t0/3000000\tno recovery target specified\n");
        Path place = directory.resolve("pg_wal/matriarch/00000002.history");

        assertThatThrownBy(() -> wal().history(SECOND))
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessage(
                                            "cannot write "
                                                    + place
                                                    + ": no such file or directory");
                            assertThat(it.hint())
                                    .contains("room")
                                    .contains("run the same restore again: it goes on");
                        });
    }

    @Test
    void an_object_that_is_damaged_is_named() throws IOException {
        WalSegment segment = WalSegment.parse("000000010000000000000001", FakeWal.SIZE);
        archive(WalName.Segment.of(segment), "no segment");
        Files.createDirectories(directory.resolve("pg_wal/matriarch"));

        assertThatThrownBy(() -> wal().segment(segment))
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessageStartingWith("object ")
                                    .hasMessageContaining("is damaged");
                            assertThat(it.hint()).doesNotContain("room");
                        });
    }
}
