package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.postgres.host.ScratchList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectoryScanTest {

    private final List<DataFile> files = new ArrayList<>();
    @TempDir private Path root;
    @TempDir private Path elsewhere;

    @Test
    void what_a_server_makes_anew_is_left_out() throws IOException {
        files(
                "PG_VERSION",
                "base/5/16384",
                "base/5/16384_fsm",
                "base/5/16390",
                "base/5/16390_fsm",
                "base/5/16390_init",
                "base/5/t3_16400",
                "base/5/pg_internal.init",
                "base/pgsql_tmp/pgsql_tmp12.0",
                "global/pg_control",
                "global/1262",
                "pg_wal/000000010000000000000001",
                "pg_wal/archive_status/000000010000000000000001.ready",
                "pg_wal/matriarch/restore.json",
                "pg_replslot/node2/state",
                "pg_stat_tmp/global.stat",
                "postmaster.pid",
                "standby.signal",
                "backup_label",
                "postgresql.conf");

        DirectoryScan.Found found = scan(Map.of());

        assertThat(files)
                .extracting(DataFile::path)
                .containsExactlyInAnyOrder(
                        "PG_VERSION",
                        "base/5/16384",
                        "base/5/16384_fsm",
                        "base/5/16390_init",
                        "global/1262",
                        "postgresql.conf");
        assertThat(found.folders())
                .extracting(DataFolder::path)
                .containsExactlyInAnyOrder(
                        "base",
                        "base/5",
                        "global",
                        "pg_wal",
                        "pg_wal/archive_status",
                        "pg_replslot",
                        "pg_stat_tmp");
    }

    @Test
    void tablespaces_are_followed_and_other_links_reported() throws IOException {
        Files.createDirectories(elsewhere.resolve("PG_15_202209061/5"));
        Files.writeString(elsewhere.resolve("PG_15_202209061/5/16500"), "page");
        Files.createDirectory(root.resolve("pg_tblspc"));
        Files.createSymbolicLink(root.resolve("pg_tblspc/16499"), elsewhere);
        Files.createSymbolicLink(root.resolve("log"), elsewhere);

        DirectoryScan.Found found = scan(Map.of(16_499L, "fast"));

        assertThat(found.tablespaces())
                .containsExactly(new Tablespace(16_499, "fast", elsewhere.toString()));
        assertThat(files)
                .containsExactly(new DataFile("pg_tblspc/16499/PG_15_202209061/5/16500", 4));
        assertThat(found.folders())
                .extracting(DataFolder::path)
                .doesNotContain("pg_tblspc/16499")
                .contains("pg_tblspc/16499/PG_15_202209061/5");
        assertThat(found.skipped()).containsExactly("log");
    }

    @Test
    void a_link_among_the_tablespaces_that_is_none_is_reported() throws IOException {
        Files.createDirectory(root.resolve("pg_tblspc"));
        for (String name : new String[] {"old", "16499.bak", "99999999999999999999"}) {
            Files.createSymbolicLink(root.resolve("pg_tblspc").resolve(name), elsewhere);
        }

        DirectoryScan.Found found = scan(Map.of());

        assertThat(found.tablespaces()).isEmpty();
        assertThat(found.skipped())
                .containsExactlyInAnyOrder(
                        "pg_tblspc/old", "pg_tblspc/16499.bak", "pg_tblspc/99999999999999999999");
    }

    private DirectoryScan.Found scan(Map<Long, String> tablespaces) throws IOException {
        try (ScratchList<DataFile> list = new ScratchList<>(elsewhere, DataFile.CODEC)) {
            DirectoryScan.Found found = DirectoryScan.of(root, tablespaces, list);
            list.each(files::add);
            assertThat(found.bytes()).isEqualTo(files.stream().mapToLong(DataFile::size).sum());
            return found;
        }
    }

    private void files(String... paths) throws IOException {
        for (String path : paths) {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, path);
        }
    }
}
