package io.matriarch.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The machine's disks. What the last round wrote and deleted keeps them busy after it has ended: a
 * file system that discards freed blocks does so when it commits.
 */
final class Disk {

    private static final Path COUNTERS = Path.of("/proc/diskstats");
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int QUIET_LOOKS = 3;
    private static final int MOST_LOOKS = 60;

    private Disk() {}

    /** Waits until nothing is read, written or discarded any more, or half a minute. */
    static void rest(Shell shell) throws InterruptedException {
        shell.run("sync");
        String before = "";
        int quiet = 0;
        for (int i = 0; i < MOST_LOOKS && quiet < QUIET_LOOKS; i++) {
            String now = counters();
            quiet = now.equals(before) ? quiet + 1 : 0;
            before = now;
            Thread.sleep(LOOK);
        }
    }

    private static String counters() {
        try {
            return Files.readString(COUNTERS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
