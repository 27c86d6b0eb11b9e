package io.matriarch.archiver.store;

import io.matriarch.archiver.store.BucketOptions.Checksums;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the options of a bucket are written: names and values that are the same in a repository's URL
 * and in a configuration file.
 */
final class BucketOptionTexts {

    static final List<String> NAMES =
            List.of(
                    "ca-file",
                    "checksums",
                    "endpoint",
                    "max-parts",
                    "part-size",
                    "path-style",
                    "profile",
                    "region",
                    "request-timeout",
                    "retry-for",
                    "sse",
                    "sse-bucket-key",
                    "sse-kms-key",
                    "storage-class",
                    "tags");

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,4})(MiB|GiB)");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");

    private final Map<String, String> given;

    private BucketOptionTexts(Map<String, String> given) {
        this.given = given;
    }

    /**
     * Reads options.
     *
     * @throws IllegalArgumentException if there is an unknown name, or a value makes no sense
     */
    static BucketOptions read(Map<String, String> given) {
        for (String name : given.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        "repository option: "
                                + name
                                + " (expected: one of "
                                + String.join(", ", NAMES)
                                + ")");
            }
        }
        return new BucketOptionTexts(given).read();
    }

    private BucketOptions read() {
        BucketOptions none = BucketOptions.NONE;
        PartLimits usual = none.parts();
        return new BucketOptions(
                value("endpoint", "http://host:port or https://host:port", URI::create),
                value("region", "a name", Function.identity()),
                truth("path-style").orElse(none.isPathStyle()),
                value("ca-file", "an absolute path", Path::of),
                value("profile", "a name", Function.identity()),
                encryption(),
                value("storage-class", "a name", Function.identity()),
                value("tags", "name=value,name=value", BucketOptionTexts::tags).orElse(none.tags()),
                new PartLimits(
                        value("part-size", "a size such as 8MiB", BucketOptionTexts::size)
                                .orElse(usual.first()),
                        value("max-parts", "a whole number", BucketOptionTexts::number)
                                .orElse(usual.most())),
                value("checksums", "when-required or when-supported", BucketOptionTexts::checksums),
                value("request-timeout", "a time such as 60s", BucketOptionTexts::duration)
                        .orElse(none.requestTimeout()),
                value("retry-for", "a time such as 10s", BucketOptionTexts::duration)
                        .orElse(none.patience()));
    }

    private Encryption encryption() {
        Optional<String> kind = value("sse", "s3 or kms", BucketOptionTexts::encryptionKind);
        Optional<String> key = value("sse-kms-key", "a key's id or ARN", Function.identity());
        Optional<Boolean> hasBucketKey = truth("sse-bucket-key");
        if (kind.equals(Optional.of("kms"))) {
            return new Encryption.WithManagedKey(key, hasBucketKey.orElse(false));
        }
        if (key.isPresent() || hasBucketKey.isPresent()) {
            throw new IllegalArgumentException(
                    "sse: "
                            + kind.orElse("absent")
                            + " (expected: kms, since sse-kms-key or sse-bucket-key is given)");
        }
        return kind.isPresent() ? new Encryption.WithStoreKeys() : new Encryption.AsTheBucketDoes();
    }

    private static String encryptionKind(String text) {
        return switch (text) {
            case "s3", "kms" -> text;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private Optional<Boolean> truth(String name) {
        return value(
                name,
                "true or false",
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException(text);
                        });
    }

    private <T> Optional<T> value(String name, String expected, Function<String, T> parse) {
        String text = given.get(name);
        if (text == null) {
            return Optional.empty();
        }
        try {
            if (text.isBlank()) {
                throw new IllegalArgumentException("nothing");
            }
            return Optional.of(parse.apply(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name + ": " + text + " (expected: " + expected + ")", e);
        }
    }

    private static SortedMap<String, String> tags(String text) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (String tag : text.split(",", -1)) {
            int equals = tag.indexOf('=');
            if (equals < 1
                    || tags.put(tag.substring(0, equals), tag.substring(equals + 1)) != null) {
                throw new IllegalArgumentException(tag);
            }
        }
        return tags;
    }

    private static Checksums checksums(String text) {
        return switch (text) {
            case "when-required" -> Checksums.WHEN_REQUIRED;
            case "when-supported" -> Checksums.WHEN_SUPPORTED;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static int number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return Integer.parseInt(text);
    }

    private static int size(String text) {
        Matcher size = matched(SIZE, text);
        long unit = size.group(2).equals("MiB") ? 1L << 20 : 1L << 30;
        return (int) Math.min(Long.parseLong(size.group(1)) * unit, Integer.MAX_VALUE);
    }

    private static Duration duration(String text) {
        Matcher duration = matched(DURATION, text);
        long amount = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
        };
    }

    private static Matcher matched(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return matcher;
    }

    /** What differs from the usual, in a fixed order. */
    static Map<String, String> write(BucketOptions options) {
        BucketOptions none = BucketOptions.NONE;
        Map<String, String> texts = new LinkedHashMap<>();
        options.endpoint().ifPresent(endpoint -> texts.put("endpoint", endpoint.toString()));
        if (options.isPathStyle()) {
            texts.put("path-style", "true");
        }
        options.region().ifPresent(region -> texts.put("region", region));
        options.caFile().ifPresent(file -> texts.put("ca-file", file.toString()));
        options.profile().ifPresent(profile -> texts.put("profile", profile));
        write(options.encryption(), texts);
        options.storageClass().ifPresent(name -> texts.put("storage-class", name));
        if (!options.tags().isEmpty()) {
            texts.put(
                    "tags",
                    options.tags().entrySet().stream()
                            .map(tag -> tag.getKey() + "=" + tag.getValue())
                            .collect(Collectors.joining(",")));
        }
        write(options.parts(), texts);
        options.checksums()
                .ifPresent(when ->
                        texts.put(
                                "checksums",
                                when.name().toLowerCase(Locale.ROOT).replace('_', '-')));
        if (!options.requestTimeout().equals(none.requestTimeout())) {
            texts.put("request-timeout", options.requestTimeout().toMillis() + "ms");
        }
        if (!options.patience().equals(none.patience())) {
            texts.put("retry-for", options.patience().toMillis() + "ms");
        }
        return texts;
    }

    private static void write(Encryption encryption, Map<String, String> texts) {
        switch (encryption) {
            case Encryption.AsTheBucketDoes() -> {}
            case Encryption.WithStoreKeys() -> texts.put("sse", "s3");
            case Encryption.WithManagedKey(Optional<String> key, boolean hasBucketKey) -> {
                texts.put("sse", "kms");
                key.ifPresent(id -> texts.put("sse-kms-key", id));
                if (hasBucketKey) {
                    texts.put("sse-bucket-key", "true");
                }
            }
        }
    }

    private static void write(PartLimits parts, Map<String, String> texts) {
        if (parts.first() != PartLimits.DEFAULT.first()) {
            texts.put("part-size", (parts.first() >> 20) + "MiB");
        }
        if (parts.most() != PartLimits.DEFAULT.most()) {
            texts.put("max-parts", String.valueOf(parts.most()));
        }
    }
}
