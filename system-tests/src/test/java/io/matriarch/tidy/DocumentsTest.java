package io.matriarch.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DocumentsTest {

    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern LINK =
            Pattern.compile("\\[[^\\]]*\\]\\(([^)#\\s]+)(#[^)\\s]*)?\\)");
    private static final Pattern DECISION = Pattern.compile("docs/adr/\\d{4}-[a-z0-9-]+\\.md");
    private static final Pattern STATUS =
            Pattern.compile("(?m)^Status: (proposed|accepted|superseded by \\d{4})$");

    static Stream<Path> documents() {
        return House.files(".md").stream().map(House::inTree);
    }

    static Stream<Path> decisions() {
        return documents().filter(file -> DECISION.matcher(file.toString()).matches());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void a_document_has_one_title(Path document) {
        String text = FENCED.matcher(House.text(House.ROOT.resolve(document))).replaceAll("");

        assertThat(text.lines().filter(line -> line.startsWith("# "))).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void every_link_into_the_tree_leads_somewhere(Path document) {
        Path folder = House.ROOT.resolve(document).resolve("..").normalize();
        String text = FENCED.matcher(House.text(House.ROOT.resolve(document))).replaceAll("");

        List<String> broken =
                LINK.matcher(text)
                        .results()
                        .map((MatchResult link) -> link.group(1))
                        .filter(target -> !target.contains("://") && !target.startsWith("mailto:"))
                        .filter(target -> !Files.exists(folder.resolve(target)))
                        .toList();

        assertThat(broken).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void a_decision_says_whether_it_holds(Path decision) {
        assertThat(House.text(House.ROOT.resolve(decision))).containsPattern(STATUS);
    }

    @Test
    void decisions_are_numbered_without_a_gap() {
        List<String> numbers =
                decisions().map(file -> file.getFileName().toString().substring(0, 4)).toList();

        assertThat(numbers)
                .isNotEmpty()
                .containsExactlyElementsOf(
                        Stream.iterate(1, number -> number + 1)
                                .limit(numbers.size())
                                .map("%04d"::formatted)
                                .toList());
    }

    @Test
    void the_directory_of_decisions_holds_nothing_else() {
        assertThat(documents().map(Path::toString).filter(name -> name.startsWith("docs/adr/")))
                .allMatch(name -> DECISION.matcher(name).matches());
    }
}
