package io.matriarch.outside;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;

/** A question over HTTP that is answered by the status alone. */
public final class HealthCheck {

    private static final int ANSWER_MILLIS = 2_000;

    private HealthCheck() {}

    /** Whether the answer is 200; no if none comes. */
    public static boolean passes(String url) {
        try {
            URLConnection connection = URI.create(url).toURL().openConnection();
            connection.setConnectTimeout(ANSWER_MILLIS);
            connection.setReadTimeout(ANSWER_MILLIS);
            return connection instanceof HttpURLConnection http
                    && http.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }
}
