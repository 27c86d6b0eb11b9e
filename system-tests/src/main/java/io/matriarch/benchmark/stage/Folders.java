package io.matriarch.benchmark.stage;

import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Directories of the server's user, below one place. */
public record Folders(Path root, RunAs owner) {

    private static final String SPENT = "spent";
    private static final Path COUNTERS = Path.of("/proc/diskstats");
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int QUIET_LOOKS = 3;
    private static final int MOST_LOOKS = 60;

    /** A directory that is there, and is empty. */
    public Path empty(String name) {
        return emptied(root.resolve(name));
    }

    /**
     * Makes a directory below the root, empty. What lay there gives its blocks back, but stays out
     * of the way as empty files until the run ends: for some minutes, ext4 without a journal passes
     * over every deleted inode before it creates a file, so that a round would pay for the one
     * before.
     */
    public Path emptied(Path folder) {
        if (Files.exists(folder)) {
            Path spent = made(root.resolve(SPENT)).resolve(UUID.randomUUID().toString());
            try {
                Files.move(folder, spent);
                freeBlocksOf(spent);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return made(folder);
    }

    private static void freeBlocksOf(Path spent) throws IOException {
        try (Stream<Path> files = Files.walk(spent)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                FileChannel.open(file, WRITE, TRUNCATE_EXISTING).close();
            }
        }
    }

    private Path made(Path folder) {
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
    public void rest() throws InterruptedException {
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
