package io.matriarch.archiver.encryption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * Speaks KMS's JSON protocol over HTTP as far as Decrypt goes: a stand-in for a service that no
 * machine can run. Its "encryption" is a prefix, and each byte turned.
 */
final class KmsDouble implements AutoCloseable {

    private static final byte[] PREFIX = "kms-double:".getBytes(StandardCharsets.US_ASCII);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;

    KmsDouble() throws IOException {
        this(0);
    }

    /**
     * @param port 0 for any that is free
     */
    KmsDouble(int port) throws IOException {
        server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What {@code aws kms encrypt} would answer. */
    static byte[] encrypt(String text) {
        byte[] plain = text.getBytes(StandardCharsets.US_ASCII);
        byte[] cipher = Arrays.copyOf(PREFIX, PREFIX.length + plain.length);
        for (int i = 0; i < plain.length; i++) {
            cipher[PREFIX.length + i] = (byte) ~plain[i];
        }
        return cipher;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode request = JSON.readTree(exchange.getRequestBody());
            boolean isDecrypt =
                    "TrentService.Decrypt"
                            .equals(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
            String signature = exchange.getRequestHeaders().getFirst("Authorization");
            byte[] cipher = Base64.getDecoder().decode(request.path("CiphertextBlob").asText());
            boolean isOurs =
                    Arrays.equals(PREFIX, Arrays.copyOf(cipher, PREFIX.length)) && isDecrypt;
            if (signature == null || !signature.contains("/kms/aws4_request")) {
                reply(exchange, 400, Map.of("__type", "MissingAuthenticationTokenException"));
            } else if (!isOurs) {
                reply(exchange, 400, Map.of("__type", "InvalidCiphertextException"));
            } else {
                byte[] plain = Arrays.copyOfRange(cipher, PREFIX.length, cipher.length);
                for (int i = 0; i < plain.length; i++) {
                    plain[i] = (byte) ~plain[i];
                }
                reply(
                        exchange,
                        200,
                        Map.of(
                                "KeyId",
                                "arn:aws:kms:us-east-1:1:key/1",
                                "Plaintext",
                                Base64.getEncoder().encodeToString(plain),
                                "EncryptionAlgorithm",
                                "SYMMETRIC_DEFAULT"));
            }
        }
    }

    private static void reply(HttpExchange exchange, int status, Map<String, String> body)
            throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
