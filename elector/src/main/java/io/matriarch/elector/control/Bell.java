package io.matriarch.elector.control;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A FIFO through which one side wakes the other. Only a hint: a bell that is absent or full changes
 * nothing but the speed.
 */
final class Bell {

    private final Path fifo;

    Bell(Path fifo) {
        this.fifo = fifo;
    }

    /** Never blocks for want of a reader, because the FIFO is opened for both directions. */
    void ring() {
        if (!isFifo()) {
            return;
        }
        try (RandomAccessFile pipe = new RandomAccessFile(fifo.toFile(), "rw")) {
            pipe.write('r');
        } catch (IOException e) {
            // The other side looks by itself before long.
            return;
        }
    }

    /**
     * Blocks until somebody rings.
     *
     * @return false if there is no bell to hear
     */
    boolean await() {
        if (!isFifo()) {
            return false;
        }
        try (RandomAccessFile pipe = new RandomAccessFile(fifo.toFile(), "rw")) {
            byte[] rings = new byte[512];
            return pipe.read(rings) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** An ordinary file of this name would swallow rings, so it is no bell. */
    private boolean isFifo() {
        return Files.exists(fifo) && !Files.isRegularFile(fifo) && !Files.isDirectory(fifo);
    }
}
