package io.matriarch.cli.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.postgres.PostgresVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Who cannot run the server is refused before anything is restored. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ServerOptionsTest {

    /** With a group of the same name, as every Unix has them. */
    private static final String OTHER = "daemon";

    @TempDir private Path folder;
    private Path programs;

    @BeforeEach
    void programs() throws Exception {
        programs = Files.createDirectory(folder.resolve("bin"));
        Path control = Files.createFile(programs.resolve("pg_ctl"));
        Files.setPosixFilePermissions(control, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void check(Path target, String owner) throws InterruptedException {
        ServerOptions server =
                CommandLine.populateCommand(
                        new ServerOptions(), "--start", "--programs", programs.toString());
        PlaceOptions place =
                CommandLine.populateCommand(
                        new PlaceOptions(), "--target-dir", target.toString(), "--owner", owner);
        assertThat(server.programs(new PostgresVersion(150_000), place).runAs()).contains(owner);
    }

    private static void assertRefused(ThrowingCallable call, String message, String hint) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        it -> {
                            assertThat(it.status()).isEqualTo(ExitStatus.REFUSED);
                            assertThat(it).hasMessageContaining(message);
                            assertThat(it.getMessage()).doesNotContain("\n");
                            assertThat(it.hint()).contains(hint);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "0"})
    void root_runs_no_server(String name) {
        assertRefused(
                () -> check(folder.resolve("data"), name),
                "PostgreSQL does not run as root",
                "--owner postgres");
    }

    @Test
    void nor_does_one_who_cannot_come_to_the_target() throws Exception {
        assumeTrue(isRoot());
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        Path inside = Files.createDirectory(closed.resolve("inside"));

        assertRefused(
                () -> check(inside.resolve("data"), OTHER),
                "owner: daemon cannot enter " + closed + " ",
                "chmod o+x " + closed);
    }

    @Test
    void one_who_can_come_to_it_does() throws Exception {
        assumeTrue(isRoot());

        check(folder.resolve("data"), OTHER);
    }

    @Test
    void nor_does_one_who_is_not_there() {
        assertRefused(
                () -> check(folder.resolve("data"), "no-such-user"),
                "owner: no-such-user cannot run a program: ",
                "name a user of this host");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
