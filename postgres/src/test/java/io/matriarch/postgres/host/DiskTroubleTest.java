package io.matriarch.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DiskTroubleTest {

    @Test
    void a_reason_does_not_repeat_the_file_and_is_never_the_file_alone() {
        assertThat(DiskTrouble.reason(new IOException("No space left on device")))
                .isEqualTo("No space left on device");
        assertThat(DiskTrouble.reason(new FileSystemException("/a", null, "Disk quota exceeded")))
                .isEqualTo("Disk quota exceeded");
        assertThat(DiskTrouble.reason(new NoSuchFileException("/a")))
                .isEqualTo("no such file or directory");
        assertThat(DiskTrouble.reason(new AccessDeniedException("/a")))
                .isEqualTo("permission denied");
        assertThat(DiskTrouble.reason(new IOException())).isEqualTo("java.io.IOException");
    }

    @Test
    void the_file_is_named_where_it_is_known() {
        assertThat(DiskTrouble.text(new AccessDeniedException("/a")))
                .isEqualTo("/a: permission denied");
        assertThat(DiskTrouble.text(new IOException("No space left on device")))
                .isEqualTo("No space left on device");
    }
}
