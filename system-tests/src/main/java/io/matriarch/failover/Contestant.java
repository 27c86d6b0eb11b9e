package io.matriarch.failover;

import io.matriarch.failover.side.MatriarchSide;
import io.matriarch.failover.side.PatroniSettings;
import io.matriarch.failover.side.PatroniSide;
import io.matriarch.failover.side.Side;
import io.matriarch.outside.Launcher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whom a benchmark can make a side of. */
enum Contestant {
    MATRIARCH("matriarch", "Matriarch, synchronous (its default)"),
    MATRIARCH_ASYNC("matriarch-async", "Matriarch, asynchronous"),
    PATRONI("patroni", "Patroni, its defaults (asynchronous)"),
    PATRONI_TUNED("patroni-tuned", "Patroni, tuned, synchronous");

    private final String key;
    private final String title;

    Contestant(String key, String title) {
        this.key = key;
        this.title = title;
    }

    static Contestant of(String key) {
        return Arrays.stream(values())
                .filter(contestant -> contestant.key.equals(key))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "side: "
                                        + key
                                        + " (expected: one of "
                                        + Arrays.stream(values())
                                                .map(Contestant::key)
                                                .collect(Collectors.joining(", "))
                                        + ")"));
    }

    String key() {
        return key;
    }

    String title() {
        return title;
    }

    boolean isOurs() {
        return this == MATRIARCH || this == MATRIARCH_ASYNC;
    }

    /** What is not there, and how to get it; nothing if all is there. */
    Optional<String> missing() {
        List<String> absent =
                (isOurs() ? Stream.<String>of() : Stream.of("patroni", "patronictl", "haproxy"))
                        .filter(program -> !isOnPath(program))
                        .toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        String.join(" and ", absent)
                                + " cannot be found on the PATH (Debian: apt-get install patroni haproxy"
                                + " python3-kazoo)");
    }

    private static boolean isOnPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin";
        return Stream.of(path.split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** A new cluster; returns once it is whole. */
    Side start(Launcher launcher, Path home) throws InterruptedException {
        return switch (this) {
            case MATRIARCH -> MatriarchSide.start(launcher, home, true);
            case MATRIARCH_ASYNC -> MatriarchSide.start(launcher, home, false);
            case PATRONI -> PatroniSide.start(launcher, home, PatroniSettings.DEFAULTS);
            case PATRONI_TUNED -> PatroniSide.start(launcher, home, PatroniSettings.TUNED);
        };
    }
}
