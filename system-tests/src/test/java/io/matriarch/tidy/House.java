package io.matriarch.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files of the source tree, without what a build makes. */
final class House {

    static final Path ROOT = root();

    private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", ".vscode");

    private House() {}

    /** All files whose name ends so, in a stable order. */
    static List<Path> files(String ending) {
        return walk(ROOT).filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path inTree(Path file) {
        return ROOT.relativize(file);
    }

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> content =
                    entries.filter(entry -> !NOT_OURS.contains(entry.getFileName() + "")).toList();
            return content.stream()
                    .flatMap(entry -> Files.isDirectory(entry) ? walk(entry) : Stream.of(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tests run in the folder of their module. */
    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("postgres/pom.xml"))
                ? here
                : here.resolve("..").normalize();
    }
}
