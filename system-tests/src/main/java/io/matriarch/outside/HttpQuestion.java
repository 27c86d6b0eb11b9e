package io.matriarch.outside;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A question over HTTP to a program under test, which may not answer. */
public final class HttpQuestion {

    private static final int ANSWER_MILLIS = 2_000;

    private HttpQuestion() {}

    /** Whether the answer is 200; no if none comes. */
    public static boolean passes(String url) {
        try {
            return open(url) instanceof HttpURLConnection http
                    && http.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    /** What is answered, if that goes well. */
    public static Optional<String> answer(String url) {
        try (InputStream answer = open(url).getInputStream()) {
            return Optional.of(new String(answer.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static URLConnection open(String url) throws IOException {
        URLConnection connection = URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(ANSWER_MILLIS);
        connection.setReadTimeout(ANSWER_MILLIS);
        return connection;
    }
}
