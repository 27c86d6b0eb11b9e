package io.matriarch.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FolderEntriesTest {

    @TempDir private Path folder;

    @Test
    void all_that_lies_in_it() throws IOException {
        Path file = Files.createFile(folder.resolve(".hidden"));
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.createFile(inner.resolve("deeper"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));

        assertThat(FolderEntries.of(folder)).containsExactlyInAnyOrder(file, inner, link);
    }

    @Test
    void one_that_is_not_there_is_told() {
        assertThatThrownBy(() -> FolderEntries.of(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }
}
