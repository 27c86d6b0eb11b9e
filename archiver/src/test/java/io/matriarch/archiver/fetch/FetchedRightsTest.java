package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.host.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched holds the content of tables. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FetchedRightsTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("test"), new SystemIdentifier(7));

    @TempDir Path folder;

    @Test
    void others_may_not_read_what_is_fetched() throws IOException {
        WalName name = new WalName.History(new TimelineId(2));
        Path repository = Files.createDirectory(folder.resolve("repository"));
        Path target = folder.resolve("fetched");
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)))) {
            store.putIfAbsent(
                    LAYOUT.wal(name),
                    Body.of("1\t0/3000000\tnone\n".getBytes(StandardCharsets.UTF_8)),
                    Metadata.NONE);

            new ArchivedWal(store, LAYOUT, WalSegmentSize.DEFAULT).fetch(name, target);
        }

        assertThat(Files.getPosixFilePermissions(target))
                .contains(PosixFilePermission.OWNER_READ)
                .doesNotContain(PosixFilePermission.OTHERS_READ);
    }

    /** Only the superuser may give files away; a member of the folder's group does as much. */
    @Test
    void what_is_fetched_belongs_to_whom_the_folder_belongs() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "not the superuser");
        UserPrincipal nobody =
                folder.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName("nobody");
        Files.setOwner(folder, nobody);
        Path file = Files.createFile(folder.resolve("fetched"));

        Ownership.asOfItsFolder(file);

        assertThat(Files.getOwner(file)).isEqualTo(nobody);
    }

    /** A server of another user asks through the group. */
    @Test
    void others_may_not_look_into_the_spool_and_the_group_may_write() throws IOException {
        new FetchSpool(folder.resolve("spool")).clear();

        assertThat(Files.getPosixFilePermissions(folder.resolve("spool/fetch")))
                .contains(PosixFilePermission.GROUP_WRITE)
                .doesNotContain(
                        PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_EXECUTE);
    }
}
