package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Tablespace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ManifestCheckTest {

    private static final String DATA = "bundle-00000.tar.zst";
    private static final String LAST = "bundle-00001.tar.zst";

    private final List<DataFolder> folders =
            new ArrayList<>(List.of(new DataFolder("global", "0700")));
    private final List<ManifestEntry> files =
            new ArrayList<>(
                    List.of(
                            entry("PG_VERSION", 3, DATA, 512),
                            entry("backup_label", 100, LAST, 512),
                            entry("backup_manifest", 100, LAST, 1536),
                            entry("global/pg_control", 8192, LAST, 2560)));
    private final List<BackupObject> bundles = new ArrayList<>(List.of(bundle(DATA), bundle(LAST)));

    private static ManifestEntry entry(String path, long size, String bundle, long offset) {
        return new ManifestEntry(path, size, "0600", Instant.EPOCH, "0000000a", bundle, offset);
    }

    private static BackupObject bundle(String name) {
        return new BackupObject(name, 10, "ab".repeat(32));
    }

    private List<String> faults() {
        return ManifestCheck.faults(
                new FileManifest(1, folders, files::forEach),
                bundles,
                List.of(new Tablespace(16400, "space", "/space")));
    }

    @Test
    void a_whole_manifest_has_no_fault() {
        folders.add(new DataFolder("pg_tblspc", "0700"));
        folders.add(new DataFolder("pg_tblspc/16400/PG_15", "0700"));
        files.add(entry("pg_tblspc/16400/PG_15/1", 0, DATA, 1536));
        files.add(entry("global/1", 0, DATA, 2048));

        assertThat(faults()).isEmpty();
    }

    @Test
    void a_reference_to_a_bundle_that_was_not_confirmed_is_found() {
        files.add(entry("global/1", 8192, "bundle-00007.tar.zst", 512));

        assertThat(faults())
                .containsExactly("global/1 lies in bundle-00007.tar.zst, which is no bundle");
    }

    @Test
    void a_file_listed_twice_is_found() {
        files.add(entry("PG_VERSION", 3, DATA, 1536));

        assertThat(faults()).containsExactly("PG_VERSION is listed twice");
    }

    @Test
    void two_files_in_one_place_are_found() {
        files.add(entry("global/1", 8192, DATA, 514));

        assertThat(faults()).containsExactly("global/1 has no place of its own in " + DATA);
    }

    @Test
    void a_file_without_its_folder_is_found() {
        files.add(entry("base/5/1", 0, DATA, 1536));

        assertThat(faults()).containsExactly("base/5/1 lies in no folder");
    }

    @Test
    void what_a_server_cannot_start_without_is_missed() {
        files.remove(1);

        assertThat(faults()).containsExactly("backup_label is missing");
    }

    @Test
    void a_bundle_behind_the_last_is_found() {
        bundles.add(bundle("bundle-00002.tar.zst"));

        assertThat(faults())
                .containsExactly("bundle-00002.tar.zst does not hold global/pg_control");
    }

    @Test
    void an_object_without_a_digest_is_found_and_the_backup_is_refused() {
        bundles.set(0, new BackupObject(DATA, 10, ""));

        assertThat(faults()).containsExactly(DATA + " has no size or digest");
        assertThatThrownBy(() ->
                        ManifestCheck.require(
                                new FileManifest(1, folders, files::forEach), bundles, List.of()))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("manifest of the backup: " + DATA + " has no size or digest");
    }
}
