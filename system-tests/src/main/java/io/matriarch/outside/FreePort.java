package io.matriarch.outside;

import io.matriarch.local.plan.Ports;
import java.util.List;
import java.util.Map;

/**
 * A port of localhost for a server of a test, which can be started on it again: nobody listens
 * there, and it is none of those that outgoing connections get, or clusters of {@code matriarch
 * local}.
 */
public final class FreePort {

    private static final Ports RANGE = new Ports(10_000, 19_999);

    private FreePort() {}

    /** At random, because another process of tests looks for one at the same time. */
    public static int draw() {
        return RANGE.pick(List.of("test"), Map.of()).values().iterator().next();
    }
}
