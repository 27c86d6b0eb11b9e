package io.matriarch.sidecar.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether what a command has printed has arrived: Java's own streams keep failures to themselves.
 */
final class StandardOutput {

    private static final Path FILE = Path.of("/proc/self/fd/1");

    /** Of {@code st_mode}, see inode(7). */
    private static final int KIND = 0170000;

    private static final int PIPE = 0010000;
    private static final int SOCKET = 0140000;

    private StandardOutput() {}

    /**
     * Whether something was not written, though somebody may wait for it. Who reads from a pipe and
     * closes it, such as {@code head}, has what they wanted.
     */
    static boolean isLost() {
        return System.out.checkError() && !hasReader();
    }

    /** By its kind, as the words of an error depend on the locale of the C library. */
    private static boolean hasReader() {
        try {
            int kind = (int) Files.getAttribute(FILE, "unix:mode") & KIND;
            return kind == PIPE || kind == SOCKET;
        } catch (IOException unknown) {
            return false;
        }
    }
}
