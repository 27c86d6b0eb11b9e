package io.matriarch.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tidy.JavaSources.Kind;
import io.matriarch.tidy.JavaSources.Size;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SizesTest {

    private static final int MOST_FILES_IN_A_PACKAGE = 20;

    private static List<Size> sizes = List.of();

    @BeforeAll
    static void measure() {
        sizes = JavaSources.measure(House.files(".java"));
    }

    @Test
    void the_measure_sees_this_very_file() {
        assertThat(sizes)
                .anyMatch(size ->
                        size.kind() == Kind.FILE_LINES && size.where().endsWith("SizesTest.java"))
                .anyMatch(size ->
                        size.kind() == Kind.METHOD_PARAMETERS
                                && size.where().endsWith(" nothing_grows_beyond_its_ceiling")
                                && size.value() == 2)
                .anyMatch(size ->
                        size.kind() == Kind.RECORD_COMPONENTS
                                && size.where().endsWith(" Size")
                                && size.value() == 3);
    }

    @ParameterizedTest
    @CsvSource({
        "FILE_LINES, 500",
        "METHOD_LINES, 60",
        "METHOD_PARAMETERS, 7",
        "RECORD_COMPONENTS, 12"
    })
    void nothing_grows_beyond_its_ceiling(Kind kind, long ceiling) {
        assertThat(sizes)
                .filteredOn(size -> size.kind() == kind && size.value() > ceiling)
                .isEmpty();
    }

    @Test
    void a_package_is_one_subject_and_not_a_store_room() {
        Map<Path, Long> packages =
                House.files(".java").stream()
                        .filter(file -> file.toString().contains("/src/main/"))
                        .collect(
                                Collectors.groupingBy(
                                        file -> House.inTree(file).resolve("..").normalize(),
                                        Collectors.counting()));

        assertThat(packages)
                .isNotEmpty()
                .allSatisfy((folder, files) ->
                        assertThat(files)
                                .as(folder.toString())
                                .isLessThanOrEqualTo(MOST_FILES_IN_A_PACKAGE + 1L));
    }
}
