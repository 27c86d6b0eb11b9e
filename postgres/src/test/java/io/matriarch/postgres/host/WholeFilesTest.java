package io.matriarch.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WholeFilesTest {

    @TempDir Path directory;

    @Test
    void a_file_is_made_and_replaced_and_nothing_is_left_beside_it() throws IOException {
        Path file = directory.resolve("word");

        WholeFiles.replace(file, "old");
        WholeFiles.replaceDurably(file, "new\n");

        assertThat(file).hasContent("new\n");
        assertThat(directory.toFile().list()).containsExactly("word");
    }

    @Test
    void rights_are_exactly_those_asked_for() throws IOException {
        Path file = directory.resolve("word");
        Files.writeString(file, "old");

        WholeFiles.replaceDurably(file, "new", PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rwxrwxrwx");
    }

    @Test
    void what_a_killed_writer_left_is_in_nobodys_way() throws IOException {
        Path file = directory.resolve("word");
        Path left = directory.resolve(".matriarch-word.tmp");
        Files.writeString(left, "a text that is longer");

        WholeFiles.replaceDurably(file, "new");

        assertThat(file).hasContent("new");
        assertThat(left).doesNotExist();
    }

    @Test
    void an_unfinished_file_is_known_by_the_name_that_it_is_to_bear() {
        assertThat(WholeFiles.finalName(directory.resolve(".matriarch-word.ok.tmp")))
                .isEqualTo("word.ok");
        assertThat(WholeFiles.finalName(directory.resolve("word.tmp"))).isEqualTo("word.tmp");
    }
}
