package io.matriarch.sidecar.configuration;

import io.matriarch.postgres.host.DiskTrouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * One level of a YAML file. Remembers which keys were asked for, so that a key that nobody knows
 * can be refused: a misspelt setting must not be a default in disguise.
 */
final class Section {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m|h|d)");

    private final String path;
    private final Map<String, Object> values;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Map<String, Section> sections = new LinkedHashMap<>();

    private Section(String path, Map<String, Object> values) {
        this.path = path;
        this.values = values;
    }

    static Section read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "configuration file: "
                            + file
                            + " cannot be read (expected: a YAML file): "
                            + DiskTrouble.reason(e),
                    e);
        }
        try {
            Object content = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
            return new Section("", mapOf("", content));
        } catch (YAMLException e) {
            throw new ConfigurationException(file + " is not YAML: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> mapOf(String path, Object content) {
        if (!(content instanceof Map<?, ?> map)) {
            throw new ConfigurationException(
                    (path.isEmpty() ? "configuration file" : path)
                            + ": "
                            + content
                            + " (expected: a mapping of keys to values)");
        }
        Map<String, Object> typed = new LinkedHashMap<>();
        map.forEach((key, value) -> typed.put(String.valueOf(key), value));
        return typed;
    }

    Section section(String key) {
        asked.add(key);
        Object value = values.getOrDefault(key, Map.of());
        return sections.computeIfAbsent(key, k -> new Section(pathOf(k), mapOf(pathOf(k), value)));
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Optional<String> text(String key) {
        asked.add(key);
        return Optional.ofNullable(values.get(key)).map(String::valueOf);
    }

    /** Several texts; one alone may stand as it is. */
    List<String> list(String key) {
        asked.add(key);
        return switch (values.get(key)) {
            case null -> List.of();
            case Collection<?> several -> several.stream().map(String::valueOf).toList();
            case Object one -> List.of(String.valueOf(one));
        };
    }

    String required(String key, String expected) {
        return text(key)
                .orElseThrow(() ->
                        new ConfigurationException(
                                pathOf(key) + ": absent (expected: " + expected + ")"));
    }

    <T> T required(String key, String expected, Function<String, T> parse) {
        return parsed(key, required(key, expected), expected, parse);
    }

    <T> T optional(String key, T otherwise, String expected, Function<String, T> parse) {
        return text(key).map(value -> parsed(key, value, expected, parse)).orElse(otherwise);
    }

    private <T> T parsed(String key, String value, String expected, Function<String, T> parse) {
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    pathOf(key) + ": " + value + " (expected: " + expected + ")", e);
        }
    }

    Duration duration(String key, Duration otherwise) {
        return optional(
                key, otherwise, "a time such as 500ms, 5s, 10m, 2h or 7d", Section::duration);
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    int number(String key, int otherwise) {
        return optional(key, otherwise, "a whole number", Integer::parseInt);
    }

    /** The content of a file that holds a secret, without the line feed at its end. */
    String secret(String key) {
        Path file = Path.of(required(key, "the path of a file that holds the password"));
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ConfigurationException(
                    pathOf(key) + ": " + file + " cannot be read (expected: a file)", e);
        }
    }

    /** The rest of this level as texts. */
    Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        values.forEach((key, value) -> all.put(key, String.valueOf(value)));
        asked.addAll(values.keySet());
        return all;
    }

    /** Refuses what nobody has asked for, here and below. */
    void refuseUnknown() {
        for (String key : values.keySet()) {
            if (!asked.contains(key)) {
                throw new ConfigurationException(
                        pathOf(key) + ": unknown (expected: one of " + asked + ")");
            }
        }
        sections.values().forEach(Section::refuseUnknown);
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
