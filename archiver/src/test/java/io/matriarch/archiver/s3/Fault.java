package io.matriarch.archiver.s3;

import java.time.Duration;

/** What a {@link FaultProxy} does to one request. */
public sealed interface Fault {

    /** Nothing: the request goes through, and its answer comes back. */
    record None() implements Fault {}

    /** The server never hears of it; this is answered instead. */
    record Refuse(int status, String code) implements Fault {}

    /** The server never hears of it, and the connection is reset. */
    record Reset() implements Fault {}

    /** The server never hears of it: its clock is told, and that ours is wrong. */
    record SkewedClock(Duration ahead) implements Fault {}

    /** The server does as it was asked, but the connection is reset in place of its answer. */
    record LoseAnswer() implements Fault {}

    /** The server does as it was asked, but its answer is another: also an error inside a 200. */
    record ReplaceAnswer(int status, String body) implements Fault {}

    /** The answer's head is whole; after so many bytes of its body the connection is reset. */
    record Truncate(int bytes) implements Fault {}

    /** One bit of the answer's body is another. */
    record Flip(int position) implements Fault {}

    /** So many bytes at the end of the request's body never reach the server. */
    record CutUp(int bytes) implements Fault {}

    /** One bit of the request's body is another when it reaches the server. */
    record FlipUp(int position) implements Fault {}

    /** Nothing is passed on, and nothing is ever answered. */
    record BlackHole() implements Fault {}

    Fault NONE = new None();

    /** S3's word for too many requests. */
    Fault SLOW_DOWN = new Refuse(503, "SlowDown");

    /** The XML of an error. */
    static String error(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
                + code
                + "</Code><Message>made up by a test</Message></Error>";
    }
}
