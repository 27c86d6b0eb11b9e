package io.matriarch.outside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port of localhost for a server of a test, which can be started on it again: nobody listens
 * there, and it is none of those that outgoing connections get, or clusters of {@code matriarch
 * local}.
 */
public final class FreePort {

    private static final int FIRST = 10_000;
    private static final int BEHIND = 20_000;
    private static final int TRIES = 100;

    private FreePort() {}

    /** At random, because another process of tests looks for one at the same time. */
    public static int draw() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // The next one, then.
            }
        }
        throw new IllegalStateException(
                TRIES + " ports of those from " + FIRST + " on are taken (expected: one is not)");
    }
}
