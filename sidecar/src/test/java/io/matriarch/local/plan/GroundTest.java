package io.matriarch.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.matriarch.local.plan.LocalShape.Store;
import io.matriarch.local.plan.LocalShape.Sync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program's files in a local cluster's directory. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GroundTest {

    private static final FileTime BUILT = FileTime.fromMillis(1_700_000_000_000L);

    @TempDir private Path folder;

    private Path target;

    @BeforeEach
    void build() throws IOException {
        target = Files.createDirectories(folder.resolve("home/sidecar/target"));
        Files.writeString(target.resolve("matriarch.jar"), "classes");
        Files.setLastModifiedTime(target.resolve("matriarch.jar"), BUILT);
        Files.writeString(target.resolve("s3proxy.jar"), "server");
        Files.createDirectories(folder.resolve("home/bin"));
        Files.writeString(folder.resolve("home/bin/matriarch"), "launcher");
        Files.writeString(folder.resolve("home/bin/jdk-home"), "finder");
        Files.createDirectories(folder.resolve("home/lib"));
        Files.writeString(folder.resolve("home/lib/supervise.sh"), "supervisor");
    }

    @Test
    void the_jar_keeps_the_time_that_the_jvm_knows_it_by() throws IOException {
        lay(new RunAs(null));

        assertThat(Files.getLastModifiedTime(inRuntime("matriarch.jar"))).isEqualTo(BUILT);
    }

    @Test
    void what_a_rehearsal_has_kept_is_pointed_to() throws IOException {
        Files.writeString(target.resolve("sidecar.aot"), "learned");

        lay(new RunAs(null));

        assertThat(inRuntime("sidecar.aot"))
                .isSymbolicLink()
                .hasSameBinaryContentAs(target.resolve("sidecar.aot"));
    }

    @Test
    void what_the_clusters_user_cannot_read_where_it_is_is_copied() throws IOException {
        RunAs service = RunAs.current();
        assumeThat(service.user()).as("only root runs a cluster as somebody else").isNotNull();
        Files.writeString(target.resolve("sidecar.aot"), "learned");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));

        lay(service);

        assertThat(inRuntime("sidecar.aot")).isRegularFile().hasContent("learned");
        assertThat(Files.isSymbolicLink(inRuntime("sidecar.aot"))).isFalse();
        assertThat(Files.getOwner(inRuntime("sidecar.aot")).getName()).isEqualTo(service.user());
    }

    @Test
    void what_was_kept_for_an_earlier_build_goes() throws IOException {
        Path kept = Files.writeString(target.resolve("sidecar.aot"), "learned");
        lay(new RunAs(null));
        Files.delete(kept);

        lay(new RunAs(null));

        assertThat(Files.exists(inRuntime("sidecar.aot"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    private Path inRuntime(String name) {
        return folder.resolve("c/runtime/lib").resolve(name);
    }

    private void lay(RunAs runAs) {
        LocalShape shape =
                new LocalShape(
                        1, Sync.OFF, Store.DIRECTORY, false, true, "app", "app", null, List.of());
        Map<String, Integer> ports = new LinkedHashMap<>();
        Ports.namesFor(shape).forEach(name -> ports.put(name, 7001 + ports.size()));
        LocalPlan plan =
                new LocalPlan(
                        "id",
                        shape,
                        new LocalPlan.Host("/java", "/pg/bin", runAs.user()),
                        ports,
                        new LocalPlan.Secrets("super", "repl", "app", "key", "hidden"));
        new Ground(new LocalDirectory(folder.resolve("c")), runAs)
                .lay(plan, Installation.around(target.resolve("matriarch.jar")));
    }
}
