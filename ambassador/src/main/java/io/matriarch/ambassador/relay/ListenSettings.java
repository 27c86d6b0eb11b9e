package io.matriarch.ambassador.relay;

import java.net.InetSocketAddress;

/**
 * Where clients come in.
 *
 * @param readWrite port 0 chooses a free one
 * @param readOnly port 0 chooses a free one
 * @param maxSessions at this many connections no more are accepted: the rest waits in the kernel
 * @param backlog how many wait there
 * @param loops threads that move bytes
 */
public record ListenSettings(
        InetSocketAddress readWrite,
        InetSocketAddress readOnly,
        int maxSessions,
        int backlog,
        int loops) {

    public static final int DEFAULT_MAX_SESSIONS = 5_000;
    public static final int DEFAULT_BACKLOG = 1_024;
    public static final int DEFAULT_LOOPS = 2;

    public ListenSettings {
        requirePositive("max-sessions", maxSessions);
        requirePositive("backlog", backlog);
        requirePositive("loops", loops);
    }

    public static ListenSettings on(InetSocketAddress readWrite, InetSocketAddress readOnly) {
        return new ListenSettings(
                readWrite, readOnly, DEFAULT_MAX_SESSIONS, DEFAULT_BACKLOG, DEFAULT_LOOPS);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
