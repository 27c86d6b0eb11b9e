package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.matriarch.archiver.s3.DoubleReply.Refusal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A request to the double: its body is whole, taken out of {@code aws-chunked}, and checked against
 * every digest that came with it.
 *
 * @param headers by lower-case name; those at the end of a chunked body too
 * @param changesBefore how often the key had changed when the request began
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record DoubleRequest(
        String method,
        String bucket,
        String key,
        Map<String, String> query,
        Map<String, String> headers,
        byte[] body,
        int changesBefore) {

    static DoubleRequest read(HttpExchange exchange, ToIntFunction<String> changes)
            throws IOException {
        String path = exchange.getRequestURI().getPath().substring(1);
        int slash = path.indexOf('/');
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        String key = slash < 0 ? "" : path.substring(slash + 1);
        int changesBefore = changes.applyAsInt(key);
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean isChunked =
                headers.getOrDefault("x-amz-content-sha256", "").startsWith("STREAMING-");
        return new DoubleRequest(
                exchange.getRequestMethod(),
                slash < 0 ? path : path.substring(0, slash),
                key,
                query(exchange.getRequestURI().getRawQuery()),
                headers,
                isChunked ? unchunked(body, headers) : body,
                changesBefore);
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new TreeMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                query.put(URLDecoder.decode(name, UTF_8), URLDecoder.decode(value, UTF_8));
            }
        }
        return query;
    }

    /** Chunks as {@code <hex size>[;signature]\r\n<bytes>\r\n}, then headers, then nothing. */
    private static byte[] unchunked(byte[] raw, Map<String, String> headers) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        InputStream in = new ByteArrayInputStream(raw);
        while (true) {
            String size = line(in);
            int semicolon = size.indexOf(';');
            int length = Integer.parseInt(semicolon < 0 ? size : size.substring(0, semicolon), 16);
            if (length == 0) {
                break;
            }
            content.write(in.readNBytes(length));
            line(in);
        }
        for (String trailer = line(in); !trailer.isEmpty(); trailer = line(in)) {
            int colon = trailer.indexOf(':');
            headers.put(
                    trailer.substring(0, colon).toLowerCase(Locale.ROOT),
                    trailer.substring(colon + 1).strip());
        }
        String announced = headers.get("x-amz-decoded-content-length");
        if (announced != null && Long.parseLong(announced) != content.size()) {
            throw new Refusal(400, "IncompleteBody", "fewer bytes than announced");
        }
        return content.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    boolean asks(String parameter) {
        return query.containsKey(parameter);
    }

    boolean isConditional() {
        return header("if-none-match").equals(Optional.of("*"));
    }
}
