package io.matriarch.archiver.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes written files durable while the next ones are written. Many at a time: a file system that
 * keeps a journal writes it once for all that wait.
 *
 * <p>Its threads end by themselves when there is nothing to do.
 */
final class Settling {

    private static final Logger log = LoggerFactory.getLogger(Settling.class);

    private static final int AT_ONCE = 16;

    /** Each holds a file open. */
    private static final int MOST = 256;

    private final Executor threads = threads();
    private final Semaphore room = new Semaphore(MOST);
    private final AtomicReference<@Nullable UncheckedIOException> trouble = new AtomicReference<>();

    private static Executor threads() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        AT_ONCE,
                        AT_ONCE,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("settle-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * Will make a file durable, with its owner and mode, and close it; one that it refuses it
     * closes too. Waits while too many are open.
     *
     * @throws UncheckedIOException if one that was added before could not be made durable
     */
    void add(Path place, FileChannel channel) {
        boolean isTaken = false;
        try {
            tell();
            room.acquire();
            isTaken = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RestoredFiles.trouble(place, new InterruptedIOException("interrupted"));
        } finally {
            if (!isTaken) {
                discard(channel);
            }
        }
        threads.execute(() -> force(place, channel));
    }

    /** Closes what will not be made durable: nothing rests on it. */
    static void discard(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a file was given up, and could not be closed");
        }
    }

    private void force(Path place, FileChannel channel) {
        try (channel) {
            channel.force(true);
        } catch (IOException e) {
            trouble.compareAndSet(null, RestoredFiles.trouble(place, e));
        } finally {
            room.release();
        }
    }

    /**
     * Waits until all that were added are durable.
     *
     * @throws UncheckedIOException if one could not be made so
     */
    void await() throws InterruptedException {
        room.acquire(MOST);
        room.release(MOST);
        tell();
    }

    private void tell() {
        UncheckedIOException first = trouble.get();
        if (first != null) {
            throw first;
        }
    }
}
