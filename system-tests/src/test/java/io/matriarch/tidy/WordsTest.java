package io.matriarch.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Words that are not written here, each with what is written in their place. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WordsTest {

    private static final Pattern DRAWER =
            Pattern.compile(
                    "(?i)(^|/)(utils?|common|helpers?|misc|impl|managers?)(/|$)"
                            + "|(Utils?|Helpers?|Impl|Manager|Common|Misc)\\.java$");

    private enum Where {
        MAIN,
        /** Curator's calls declare nothing narrower; it does not leave the package. */
        MAIN_OUTSIDE_CURATOR,
        TEST,
        ALL;

        /** This file names the words, so it is left out. */
        boolean covers(String file) {
            return !file.endsWith("/tidy/WordsTest.java")
                    && switch (this) {
                        case MAIN -> file.contains("/src/main/");
                        case MAIN_OUTSIDE_CURATOR ->
                                MAIN.covers(file) && !file.contains("/elector/cluster/");
                        case TEST -> file.contains("/src/test/");
                        case ALL -> true;
                    };
        }
    }

    /**
     * @param instead what to write
     */
    record Banned(String word, Where where, String instead) {

        @Override
        public String toString() {
            return word;
        }
    }

    static Stream<Banned> banned() {
        return Stream.of(
                new Banned(
                        "catch \\((Exception|Throwable) \\w+\\) \\{$",
                        Where.MAIN,
                        "the type that is expected, or why it must be all, on the same line"),
                new Banned(
                        "\\bthrows Exception\\b", Where.MAIN_OUTSIDE_CURATOR, "the types, or none"),
                new Banned(
                        "\\bSystem\\.(out|err)\\b(?!\\.checkError)",
                        Where.MAIN,
                        "a logger, or the command's writer"),
                new Banned("\\.printStackTrace\\(\\)", Where.ALL, "a log line with its cause"),
                new Banned("\\bnew RuntimeException\\(", Where.ALL, "a type of its own"),
                new Banned("\\b(TODO|FIXME|XXX|HACK)\\b", Where.ALL, "the work itself"),
                new Banned("\\bThread\\.sleep\\(", Where.TEST, "Awaitility and a condition"),
                new Banned("\\borg\\.mockito\\b", Where.ALL, "a fake that behaves"),
                new Banned("@(Disabled|Ignore)\\b", Where.TEST, "a test that runs"),
                new Banned("\\bimport [\\w.]+\\.\\*;", Where.ALL, "each name"),
                new Banned("\\bCompletableFuture\\.\\w+Async\\(", Where.MAIN, "a virtual thread"),
                new Banned("\\bLombok\\b", Where.ALL, "a record"));
    }

    @ParameterizedTest
    @MethodSource
    void banned(Banned banned) {
        Pattern pattern = Pattern.compile(banned.word);

        List<String> found = new ArrayList<>();
        House.files(".java").stream()
                .filter(file -> banned.where.covers(file.toString()))
                .forEach(file -> {
                    List<String> lines = House.text(file).lines().toList();
                    for (int line = 0; line < lines.size(); line++) {
                        if (pattern.matcher(lines.get(line)).find()) {
                            found.add(House.inTree(file) + ":" + (line + 1));
                        }
                    }
                });

        assertThat(found).as("write %s", banned.instead).isEmpty();
    }

    @Test
    void nothing_is_named_like_a_drawer_for_odds_and_ends() {
        assertThat(House.files(".java").stream().map(House::inTree).map(Path::toString))
                .isNotEmpty()
                .noneMatch(name -> DRAWER.matcher(name).find());
    }

    @Test
    void every_package_says_what_it_is() {
        List<Path> folders =
                House.files(".java").stream()
                        .map(file -> file.resolve("..").normalize())
                        .distinct()
                        .toList();

        assertThat(folders)
                .isNotEmpty()
                .filteredOn(folder -> !folder.resolve("package-info.java").toFile().exists())
                // A test in the package of what it tests is described there.
                .filteredOn(folder ->
                        !Path.of(folder.toString().replace("/src/test/", "/src/main/"))
                                .resolve("package-info.java")
                                .toFile()
                                .exists())
                .isEmpty();
    }
}
