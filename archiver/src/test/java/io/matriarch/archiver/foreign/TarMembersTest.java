package io.matriarch.archiver.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TarMembersTest {

    @ParameterizedTest
    @CsvSource({
        "/base/1/1, base/1/1",
        "base/1/, base/1",
        "./base/1, base/1",
        "//./base, base",
        "/, ''",
        "., ''",
        "./, ''",
        "'', ''",
        "/../etc/passwd, ../etc/passwd"
    })
    void a_name_is_relative_to_the_data_directory(String name, String path) {
        assertThat(TarMembers.path(name)).isEqualTo(path);
    }

    private static byte[] tar(int longNames, String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(longNames);
            for (String name : names) {
                TarArchiveEntry entry = new TarArchiveEntry(name, true);
                byte[] content = name.getBytes(StandardCharsets.UTF_8);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static List<String> names(byte[] tar) throws IOException {
        List<String> names = new ArrayList<>();
        TarMembers.each(new ByteArrayInputStream(tar), (path, _, _) -> names.add(path));
        return names;
    }

    @ParameterizedTest
    @ValueSource(
            ints = {TarArchiveOutputStream.LONGFILE_POSIX, TarArchiveOutputStream.LONGFILE_GNU})
    void long_names_are_read_in_both_forms(int form) throws IOException {
        String name = "pg_tblspc/" + "1".repeat(300) + "/2";

        assertThat(names(tar(form, "/" + name, "base/1"))).containsExactly(name, "base/1");
    }

    /** Without compression nothing else tells. */
    @Test
    void one_that_is_cut_off_between_two_members_is_found() throws IOException {
        byte[] whole = tar(TarArchiveOutputStream.LONGFILE_POSIX, "/base/1/1", "/base/1/2");

        assertThatThrownBy(() -> names(Arrays.copyOf(whole, 1_024)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("truncated");
        assertThatThrownBy(() -> names(Arrays.copyOf(whole, 515))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> names(new byte[0])).isInstanceOf(IOException.class);
    }
}
