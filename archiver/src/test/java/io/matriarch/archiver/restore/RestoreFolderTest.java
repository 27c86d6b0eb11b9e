package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreFolderTest {

    @TempDir private Path directory;
    private Path place = Path.of("");

    @BeforeEach
    void a_folder() throws IOException {
        place = Files.createDirectories(directory.resolve(RestoreFolder.FOLDER));
    }

    private void sweep() throws IOException {
        new RestoreFolder(new RestoredFiles(directory, Optional.empty())).sweep();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".000000010000000000000001.5f0c1f0e-9a1b-4c53-8f0e-0d9d0e9f1a2b.part",
                ".00000002.history.5f0c1f0e-9a1b-4c53-8f0e-0d9d0e9f1a2b.part",
                ".000000010000000000000001.ahead",
                ".matriarch-restore.json.tmp",
                ".matriarch-000000010000000000000001.error.tmp"
            })
    void what_a_killed_run_has_left_half_done_goes(String name) throws IOException {
        Path left = Files.createFile(place.resolve(name));

        sweep();

        assertThat(left).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000000010000000000000001",
                "000000010000000000000001.want",
                "00000002.history",
                "restore.json",
                "planned",
                ".000000010000000000000001.part",
                ".notes.5f0c1f0e-9a1b-4c53-8f0e-0d9d0e9f1a2b.part",
                ".notes.ahead",
                ".ahead",
                "matriarch-restore.json.tmp"
            })
    void what_is_whole_or_nobody_of_us_has_made_stays(String name) throws IOException {
        Path kept = Files.createFile(place.resolve(name));

        sweep();

        assertThat(kept).exists();
    }

    @Test
    void only_files_of_this_folder_go() throws IOException {
        Path folder = Files.createDirectory(place.resolve(".000000010000000000000001.ahead"));
        Path inIt = Files.createFile(folder.resolve(".000000010000000000000002.ahead"));
        Path above = Files.createFile(directory.resolve("pg_wal/.000000010000000000000001.ahead"));

        sweep();

        assertThat(inIt).exists();
        assertThat(above).exists();
    }
}
