package io.matriarch.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalDirectoryTest {

    @Test
    void a_relative_path_is_made_absolute() {
        LocalDirectory directory = new LocalDirectory(Path.of("some/../cluster"));

        assertThat(directory.root()).isAbsolute().isEqualTo(Path.of("cluster").toAbsolutePath());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/var/my cluster", "/var/a%p", "/var/a'b", "/var/a\"b", "/var/$x"})
    void a_path_that_a_shell_would_read_otherwise_is_refused(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LocalDirectory(Path.of(path)))
                .withMessageContaining("archive_command");
    }

    @Test
    void a_path_too_long_for_the_sockets_below_it_is_refused() {
        String fits = "/" + "d".repeat(107 - 1 - "/node5/socket/.s.PGSQL.65535".length());

        assertThat(new LocalDirectory(Path.of(fits)).root()).hasToString(fits);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LocalDirectory(Path.of(fits + "d")))
                .withMessageContaining("1 characters less");
    }
}
