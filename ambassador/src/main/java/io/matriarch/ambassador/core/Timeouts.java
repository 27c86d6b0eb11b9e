package io.matriarch.ambassador.core;

import java.time.Duration;

/**
 * The deadlines of every wait but the hold.
 *
 * @param greeting for the client's first packet; PostgreSQL's own authentication_timeout is as long
 * @param connect for a server to take a connection
 * @param firstByte for a server to say its first byte
 * @param cancel for a cancel request from end to end
 * @param refusal for a client to take in that it is refused
 * @param drain for a planned switchover; then the sessions that it holds back go on
 */
public record Timeouts(
        Duration greeting,
        Duration connect,
        Duration firstByte,
        Duration cancel,
        Duration refusal,
        Duration drain) {

    public static final Timeouts DEFAULT =
            new Timeouts(
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60));

    public Timeouts {
        requirePositive("greeting-timeout", greeting);
        requirePositive("connect-timeout", connect);
        requirePositive("first-byte-timeout", firstByte);
        requirePositive("cancel-timeout", cancel);
        requirePositive("refusal-timeout", refusal);
        requirePositive("drain-timeout", drain);
    }

    static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
        }
    }
}
