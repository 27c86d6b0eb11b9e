package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.postgresql.SidecarMemory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ManyEntriesTest {

    @TempDir Path directory;

    @Test
    void both_manifests_of_a_million_files_fit_a_sidecar() throws Exception {
        Process process =
                SidecarMemory.start(ManyEntriesProcess.class, directory.toString(), "1000000");
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("read 1000000 files of 16000000 bytes");
        assertThat(directory).isEmptyDirectory();
    }
}
