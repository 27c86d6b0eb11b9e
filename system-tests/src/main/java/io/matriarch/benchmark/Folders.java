package io.matriarch.benchmark;

import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Directories of the server's user, below one place. */
record Folders(Path root, RunAs owner) {

    private static final Path COUNTERS = Path.of("/proc/diskstats");
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int QUIET_LOOKS = 3;
    private static final int MOST_LOOKS = 60;

    /** A directory that is there, and is empty. */
    Path empty(String name) throws InterruptedException {
        Path folder = root.resolve(name);
        new Shell(owner, Map.of()).run("rm", "-rf", folder.toString());
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        owner.own(folder);
        return folder;
    }

    /**
     * Waits until nothing is read, written or discarded any more on this machine's disks, or half a
     * minute. What the last round wrote and deleted keeps them busy after it has ended: a file
     * system that discards freed blocks does so when it commits.
     */
    void rest() throws InterruptedException {
        new Shell(owner, Map.of()).run("sync");
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
