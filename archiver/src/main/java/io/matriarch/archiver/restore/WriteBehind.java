package io.matriarch.archiver.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file from its beginning on, one of two buffers at a time, on a thread of its own: while
 * one is written, the other can be filled.
 *
 * <p>Used by one thread. Trouble with a write shows at the next one, or at the end.
 */
final class WriteBehind implements AutoCloseable {

    private final FileChannel channel;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("write-behind").factory());
    private ByteBuffer free;
    private @Nullable Future<ByteBuffer> underWay;
    private long end;

    /**
     * @param free one of the two buffers; the caller fills the other one first
     */
    WriteBehind(FileChannel channel, ByteBuffer free) {
        this.channel = channel;
        this.free = free;
    }

    /**
     * Appends what {@code full} holds.
     *
     * @return an empty buffer, to be filled next
     */
    ByteBuffer append(ByteBuffer full) throws IOException {
        await();
        long at = end;
        end += full.remaining();
        underWay = thread.submit(() -> write(full, at));
        return free.clear();
    }

    /** Waits until all that was appended is written. */
    void await() throws IOException {
        Future<ByteBuffer> last = underWay;
        underWay = null;
        if (last == null) {
            return;
        }
        try {
            free = last.get();
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
