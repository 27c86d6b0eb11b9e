package io.matriarch.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.sidecar.launcher.Matriarch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the documents tell people to type, and what they say that the program says. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CommandsInDocumentsTest {

    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```(\\w*)[^\\n]*\\n(.*?)^ *```");
    private static final Pattern SPAN = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern CALL =
            Pattern.compile("^ *(?:bin/)?(matriarch|restore) (?!by hand)([a-z-].*)$");
    private static final Pattern OPTION = Pattern.compile("(?<= )--[a-z][a-z-]*");

    static Stream<Path> documents() {
        return House.files(".md").stream()
                .map(House::inTree)
                .filter(file -> !file.toString().startsWith("docs/adr/"));
    }

    static Stream<Path> runbooks() {
        return documents().filter(file -> file.toString().startsWith("docs/runbooks/"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void every_command_and_option_exists(Path document) {
        List<String> unknown = new ArrayList<>();
        for (String call : calls(House.text(House.ROOT.resolve(document)))) {
            CommandLine command = Matriarch.commandLine();
            for (String word : call.split(" ", -1)) {
                if (!command.getSubcommands().containsKey(word)) {
                    break;
                }
                command = command.getSubcommands().get(word);
            }
            if (command.getParent() == null) {
                unknown.add(call);
            }
            Matcher option = OPTION.matcher(call.replaceAll("'[^']*'", "''"));
            while (option.find()) {
                if (command.getCommandSpec().findOption(option.group()) == null) {
                    unknown.add(option.group() + " in: " + call);
                }
            }
        }

        assertThat(unknown).isEmpty();
    }

    private static List<String> calls(String text) {
        List<String> lines = new ArrayList<>();
        FENCED.matcher(text)
                .results()
                .filter(block -> block.group(1).equals("sh"))
                .forEach(block -> lines.addAll(List.of(block.group(2).split("\n", -1))));
        SPAN.matcher(FENCED.matcher(text).replaceAll(""))
                .results()
                .forEach(span -> lines.add(span.group(1)));
        List<String> calls = new ArrayList<>();
        for (String line : lines) {
            Matcher call = CALL.matcher(line);
            if (call.matches()) {
                boolean isRestore = call.group(1).equals("restore");
                String words = call.group(2).replaceAll(" #.*$", "").replaceAll(" \\|.*$", "");
                calls.add(isRestore ? "restore " + words : words);
            }
        }
        return calls;
    }

    @Test
    void the_search_for_commands_finds_some() {
        assertThat(calls(House.text(House.ROOT.resolve("docs/runbooks/table-dropped.md"))))
                .anyMatch(call -> call.startsWith("restore --config"))
                .anyMatch(call -> call.startsWith("pin 2026"));
    }

    /** A phrase that people search the logs for must be one that the program writes. */
    @ParameterizedTest
    @MethodSource("runbooks")
    void every_phrase_that_a_runbook_quotes_is_in_the_program(Path runbook) {
        String program =
                Stream.concat(
                                House.files(".java").stream()
                                        .filter(file -> file.toString().contains("/src/main/")),
                                Stream.of(
                                        House.ROOT.resolve(
                                                "archiver/src/main/resources/io/matriarch/archiver/script/archive-wal")))
                        .map(House::text)
                        .collect(Collectors.joining("\n"));

        List<String> phrases =
                FENCED.matcher(House.text(House.ROOT.resolve(runbook)))
                        .results()
                        .filter(block -> block.group(1).equals("log"))
                        .map((MatchResult block) -> block.group(2))
                        .flatMap(String::lines)
                        .map(String::strip)
                        .toList();

        assertThat(phrases).allMatch(program::contains);
    }
}
