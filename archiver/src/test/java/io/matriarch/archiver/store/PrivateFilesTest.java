package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A repository holds all data of a cluster, passwords' digests among them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PrivateFilesTest {

    @TempDir Path directory;

    /** In a process of its own: a running one cannot change its umask. */
    @ParameterizedTest
    @ValueSource(strings = {"000", "022", "077"})
    void what_a_directory_holds_is_its_users_alone_under_every_umask(String umask)
            throws Exception {
        Path store = Files.createDirectory(directory.resolve("store"));

        Process writer =
                new ProcessBuilder(
                                "/bin/sh",
                                "-c",
                                "umask " + umask + "; exec \"$@\"",
                                "sh",
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Writer.class.getName(),
                                store.toString())
                        .inheritIO()
                        .start();

        assertThat(writer.waitFor()).isZero();
        List<String> modes = modes(store);
        assertThat(modes).hasSizeGreaterThan(6);
        assertThat(modes).allMatch(it -> it.startsWith("rw-------") || it.startsWith("rwx------"));
    }

    private static List<String> modes(Path store) throws IOException {
        try (Stream<Path> all = Files.walk(store)) {
            return all.filter(path -> !path.equals(store)).map(PrivateFilesTest::mode).toList();
        }
    }

    private static String mode(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path)) + " " + path;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts an object with metadata into a directory. */
    static final class Writer {

        private Writer() {}

        public static void main(String[] arguments) {
            Path place = Path.of(arguments[0]);
            try (ObjectStore store =
                    ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(place)))) {
                PutOutcome outcome =
                        store.putIfAbsent(
                                "shop/7/wal/a",
                                Body.of(new byte[100]),
                                Metadata.of(Map.of("writer", "node1")));
                System.exit(outcome instanceof PutOutcome.Stored ? 0 : 1);
            }
        }
    }
}
