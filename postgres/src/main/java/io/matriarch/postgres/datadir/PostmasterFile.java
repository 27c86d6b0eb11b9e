package io.matriarch.postgres.datadir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code postmaster.pid}: what a server says of itself in the data directory that it runs on. One
 * that was killed leaves it behind.
 *
 * @param directory the data directory
 * @param lines what the server has written so far
 */
public record PostmasterFile(Path directory, List<String> lines) {

    // Counted from 0, as in PostgreSQL's miscadmin.h less one.
    private static final int PROCESS = 0;
    private static final int PORT = 3;
    private static final int SOCKET_FOLDER = 4;
    private static final int STATUS = 7;

    public PostmasterFile {
        lines = List.copyOf(lines);
    }

    /** Reads it; empty if there is none. */
    public static Optional<PostmasterFile> of(Path directory) throws IOException {
        try {
            List<String> lines = Files.readAllLines(directory.resolve("postmaster.pid"));
            return Optional.of(new PostmasterFile(directory, lines));
        } catch (NoSuchFileException | NotDirectoryException none) {
            return Optional.empty();
        }
    }

    /**
     * Whether the server lives, as far as that can be seen from here. The number of a dead one may
     * have come to another process: a server works in its data directory.
     */
    public boolean isLive() {
        return number(PROCESS)
                // A server for a single user puts a minus before its own.
                .map(it -> Path.of("/proc", Long.toString(Math.abs(it))))
                .filter(this::isServer)
                .isPresent();
    }

    private boolean isServer(Path process) {
        try {
            return Files.isSameFile(process.resolve("cwd"), directory);
        } catch (NoSuchFileException goneOrDead) {
            return false;
        } catch (IOException hidden) {
            return isOfTheOwner(process);
        }
    }

    /** PostgreSQL runs on no directory that belongs to another user. */
    private boolean isOfTheOwner(Path process) {
        try {
            return Files.getAttribute(process, "unix:uid")
                    .equals(Files.getAttribute(directory, "unix:uid"));
        } catch (IOException gone) {
            return false;
        }
    }

    /** Empty as long as the server has not said it. */
    public Optional<Integer> port() {
        return number(PORT).filter(it -> it > 0 && it <= 65_535).map(Long::intValue);
    }

    /** The first folder of its Unix sockets; empty if it has none, or not yet. */
    public Optional<Path> socketFolder() {
        return line(SOCKET_FOLDER).map(Path::of);
    }

    /** As in {@code starting} or {@code ready}; empty until its sockets are open. */
    public Optional<String> status() {
        return line(STATUS);
    }

    private Optional<Long> number(int index) {
        try {
            return line(index).map(Long::parseLong);
        } catch (NumberFormatException damaged) {
            return Optional.empty();
        }
    }

    private Optional<String> line(int index) {
        return lines.size() <= index
                ? Optional.empty()
                : Optional.of(lines.get(index).strip()).filter(it -> !it.isEmpty());
    }
}
