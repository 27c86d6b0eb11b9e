package io.matriarch.archiver.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a repository lies, written as a URL: {@code
 * s3://bucket/prefix?endpoint=http://127.0.0.1:9000&path-style=true&region=eu-central-1}, {@code
 * file:///backups}, or a plain absolute path. Credentials have no place in it. Options of a bucket
 * may also be written beside the URL, by the same names.
 */
public sealed interface StoreLocation {

    /**
     * A bucket, or the part of it below a prefix.
     *
     * @param prefix empty, or names with / between and none at either end
     */
    record Bucket(String bucket, String prefix, BucketOptions options) implements StoreLocation {

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");

        public Bucket {
            if (!NAME.matcher(bucket).matches()) {
                throw new IllegalArgumentException(
                        "bucket: " + bucket + " (expected: 2 to 254 letters, digits and ._-)");
            }
            if (!prefix.isEmpty()) {
                StoreKey.checked(prefix);
            }
        }

        /** The URL from which it can be read again. */
        @Override
        public String toString() {
            String query =
                    BucketOptionTexts.write(options).entrySet().stream()
                            .map(option -> option.getKey() + "=" + encoded(option.getValue()))
                            .collect(Collectors.joining("&"));
            return "s3://"
                    + bucket
                    + (prefix.isEmpty() ? "" : "/" + prefix)
                    + (query.isEmpty() ? "" : "?" + query);
        }

        /** What a query may hold as it is stays legible. */
        private static String encoded(String value) {
            return URLEncoder.encode(value, StandardCharsets.UTF_8)
                    .replace("%3A", ":")
                    .replace("%2F", "/")
                    .replace("%3D", "=")
                    .replace("%2C", ",")
                    .replace("%40", "@");
        }
    }

    /** A directory of this machine. */
    record Directory(Path path) implements StoreLocation {

        public Directory {
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException(
                        "directory: " + path + " (expected: an absolute path)");
            }
            path = path.normalize();
        }

        @Override
        public String toString() {
            return "file://" + path;
        }
    }

    /**
     * Reads a repository's URL.
     *
     * @throws IllegalArgumentException if it is not one, or holds credentials
     */
    static StoreLocation parse(String text) {
        return parse(text, Map.of());
    }

    /**
     * Reads a repository's URL, and options that are written beside it.
     *
     * @throws IllegalArgumentException if it is not one, or holds credentials, or an option is
     *     unknown, senseless or given twice
     */
    static StoreLocation parse(String text, Map<String, String> beside) {
        StoreLocation location =
                text.startsWith("/")
                        ? new Directory(Path.of(text))
                        : parse(text, uri(text), beside);
        if (location instanceof Directory && !beside.isEmpty()) {
            throw new IllegalArgumentException(
                    "repository options: "
                            + String.join(", ", beside.keySet())
                            + " (expected: none with a directory)");
        }
        return location;
    }

    private static StoreLocation parse(String text, URI url, Map<String, String> beside) {
        return switch (url.getScheme()) {
            case "s3" -> bucket(text, url, beside);
            case "file" -> directory(text, url);
            case null, default -> throw malformed(text);
        };
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw malformed(text);
        }
    }

    private static Directory directory(String text, URI url) {
        boolean isLocal = url.getRawAuthority() == null && url.getRawQuery() == null;
        if (!isLocal || url.getPath() == null || !url.getPath().startsWith("/")) {
            throw malformed(text);
        }
        return new Directory(Path.of(url.getPath()));
    }

    private static Bucket bucket(String text, URI url, Map<String, String> beside) {
        String authority = url.getRawAuthority();
        if (authority == null) {
            throw malformed(text);
        }
        if (authority.contains("@")) {
            throw new IllegalArgumentException(
                    "repository: s3://…@… (expected: no credentials in the URL; give them by"
                            + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile)");
        }
        Map<String, String> options = new LinkedHashMap<>();
        if (url.getRawQuery() != null) {
            for (String option : url.getRawQuery().split("&", -1)) {
                int equals = option.indexOf('=');
                String name = equals < 0 ? option : option.substring(0, equals);
                String value = equals < 0 ? "" : option.substring(equals + 1);
                put(options, name, URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        beside.forEach((name, value) -> put(options, name, value));
        String prefix = url.getPath().replaceAll("^/+|/+$", "");
        return new Bucket(authority, prefix, BucketOptionTexts.read(options));
    }

    private static void put(Map<String, String> options, String name, String value) {
        if (options.put(name, value) != null) {
            throw new IllegalArgumentException(
                    "repository option: " + name + " is given twice (expected: once)");
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "repository: "
                        + text
                        + " (expected: s3://bucket/prefix, file:///directory or an absolute path)");
    }
}
