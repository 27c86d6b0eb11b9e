package io.matriarch.archiver.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes a file from its beginning on, one buffer at a time, on a thread of its own: while one is
 * written, the next ones can be filled. There are enough of them that neither side has to wake the
 * other up for each, which takes as long as a part of the write.
 *
 * <p>Used by one thread. Trouble with a write shows at a later one, or at the end.
 */
final class WriteBehind implements AutoCloseable {

    private final FileChannel channel;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("write-behind").factory());
    private final Deque<ByteBuffer> free;
    private final Deque<Future<ByteBuffer>> underWay = new ArrayDeque<>();
    private long end;

    /**
     * @param free all buffers but the one that the caller fills first
     */
    WriteBehind(FileChannel channel, List<ByteBuffer> free) {
        this.channel = channel;
        this.free = new ArrayDeque<>(free);
    }

    /**
     * Appends what {@code full} holds.
     *
     * @return an empty buffer, to be filled next
     */
    ByteBuffer append(ByteBuffer full) throws IOException {
        long at = end;
        end += full.remaining();
        underWay.add(thread.submit(() -> write(full, at)));
        return (free.isEmpty() ? written(underWay.remove()) : free.remove()).clear();
    }

    /** Waits until all that was appended is written. */
    void await() throws IOException {
        while (!underWay.isEmpty()) {
            free.add(written(underWay.remove()));
        }
    }

    private static ByteBuffer written(Future<ByteBuffer> first) throws IOException {
        try {
            return first.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException trouble ? trouble : new IOException(e);
        }
    }

    private ByteBuffer write(ByteBuffer full, long position) throws IOException {
        for (long at = position; full.hasRemaining(); ) {
            at += channel.write(full, at);
        }
        return full;
    }

    /** Gives up what is not written yet. */
    @Override
    public void close() {
        thread.shutdownNow();
        thread.close();
    }
}
