package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the double answers. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record DoubleReply(int status, Map<String, String> headers, byte[] body) {

    static DoubleReply empty(int status, Map<String, String> headers) {
        return new DoubleReply(status, headers, new byte[0]);
    }

    static DoubleReply xml(String body) {
        return new DoubleReply(
                200, Map.of("Content-Type", "application/xml"), body.getBytes(UTF_8));
    }

    static DoubleReply error(int status, String code, String message) {
        return new DoubleReply(
                status,
                new LinkedHashMap<>(Map.of("Content-Type", "application/xml")),
                ("<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>")
                        .getBytes(UTF_8));
    }

    /** A refusal, thrown from wherever it is found out. */
    static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient DoubleReply reply;

        Refusal(int status, String code, String message) {
            super(code + ": " + message);
            this.reply = error(status, code, message);
        }

        DoubleReply reply() {
            return reply;
        }
    }
}
