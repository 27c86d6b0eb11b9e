package io.matriarch.archiver.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a repository lies, written as a URL: {@code
 * s3://bucket/prefix?endpoint=http://127.0.0.1:9000&path-style=true&region=eu-central-1}, {@code
 * file:///backups}, or a plain absolute path. Credentials have no place in it.
 */
public sealed interface StoreLocation {

    /**
     * A bucket, or the part of it below a prefix.
     *
     * @param prefix empty, or names with / between and none at either end
     */
    record Bucket(
            String bucket,
            String prefix,
            Optional<URI> endpoint,
            Optional<String> region,
            boolean isPathStyle)
            implements StoreLocation {

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");

        public Bucket {
            if (!NAME.matcher(bucket).matches()) {
                throw new IllegalArgumentException(
                        "bucket: " + bucket + " (expected: letters, digits and ._-)");
            }
            if (!prefix.isEmpty()) {
                StoreKey.checked(prefix);
            }
        }

        @Override
        public String toString() {
            StringBuilder query = new StringBuilder();
            endpoint.ifPresent(e -> query.append("&endpoint=").append(e));
            if (isPathStyle) {
                query.append("&path-style=true");
            }
            region.ifPresent(r -> query.append("&region=").append(r));
            String path = prefix.isEmpty() ? "" : "/" + prefix;
            String options = query.isEmpty() ? "" : "?" + query.substring(1);
            return "s3://" + bucket + path + options;
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

    Set<String> OPTIONS = Set.of("endpoint", "path-style", "region");

    /**
     * Reads a repository's URL.
     *
     * @throws IllegalArgumentException if it is not one, or holds credentials
     */
    static StoreLocation parse(String text) {
        if (text.startsWith("/")) {
            return new Directory(Path.of(text));
        }
        URI url = uri(text);
        return switch (url.getScheme()) {
            case "s3" -> bucket(text, url);
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

    private static Bucket bucket(String text, URI url) {
        String authority = url.getRawAuthority();
        if (authority == null) {
            throw malformed(text);
        }
        if (authority.contains("@")) {
            throw new IllegalArgumentException(
                    "repository: s3://…@… (expected: no credentials in the URL; give them by"
                            + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile)");
        }
        Map<String, String> options = options(url.getRawQuery());
        String prefix = url.getPath().replaceAll("^/+|/+$", "");
        return new Bucket(
                authority,
                prefix,
                Optional.ofNullable(options.get("endpoint")).map(StoreLocation::endpoint),
                Optional.ofNullable(options.get("region")),
                isTrue("path-style", options.getOrDefault("path-style", "false")));
    }

    private static Map<String, String> options(@Nullable String query) {
        Map<String, String> options = new LinkedHashMap<>();
        if (query == null) {
            return options;
        }
        for (String option : query.split("&", -1)) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            if (equals < 0 || !OPTIONS.contains(name)) {
                throw new IllegalArgumentException(
                        "repository option: "
                                + name
                                + " (expected: one of "
                                + String.join(", ", new TreeSet<>(OPTIONS))
                                + ", as name=value)");
            }
            String value = option.substring(equals + 1);
            options.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
        return options;
    }

    private static URI endpoint(String text) {
        URI endpoint = uri(text);
        boolean isHttp =
                "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        if (!isHttp || endpoint.getHost() == null || endpoint.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "endpoint: " + text + " (expected: http://host:port or https://host:port)");
        }
        return endpoint;
    }

    private static boolean isTrue(String name, String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            name + ": " + text + " (expected: true or false)");
        };
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "repository: "
                        + text
                        + " (expected: s3://bucket/prefix, file:///directory or an absolute path)");
    }
}
