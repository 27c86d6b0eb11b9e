package io.matriarch.archiver.restore;

import io.matriarch.archiver.readback.RestoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
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
 * <p>The kernel tells once that bytes could not be written, and then goes on showing them from
 * memory: the same restore, run again, would find the right checksum, hear of no trouble, and keep
 * what is not on disk. So from the first trouble on only what is durable stays. Trouble that nobody
 * has heard of, because this process was killed before it could ask, is told to whoever asks next.
 *
 * <p>Its threads end by themselves when there is nothing to do.
 */
final class Settling {

    private static final Logger log = LoggerFactory.getLogger(Settling.class);

    private static final int AT_ONCE = 16;

    /** Each holds a file open. */
    private static final int MOST = 256;

    private final Executor threads;
    private final Semaphore room = new Semaphore(MOST);
    private final AtomicReference<@Nullable RuntimeException> trouble = new AtomicReference<>();

    Settling() {
        this(threads());
    }

    /**
     * @param threads they do the work
     */
    Settling(Executor threads) {
        this.threads = threads;
    }

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
     * Will make a file durable, with its owner and mode, and close it; one that it refuses it gives
     * up. Waits while too many are open.
     *
     * @throws UncheckedIOException if one that was added before could not be made durable
     * @throws RestoreException if that could not be removed either
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
                giveUp(place, channel);
            }
        }
        threads.execute(() -> {
            try {
                force(place, channel);
            } finally {
                room.release();
            }
        });
    }

    private void force(Path place, FileChannel channel) {
        if (trouble.get() == null) {
            try (channel) {
                channel.force(true);
                return;
            } catch (IOException e) {
                trouble.compareAndSet(null, RestoredFiles.trouble(place, e));
            }
        }
        giveUp(place, channel);
    }

    /** Closes what will not be made durable; after trouble it is removed too. */
    void giveUp(Path place, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a file was given up, and could not be closed");
        }
        if (trouble.get() != null) {
            remove(place);
        }
    }

    /** If the host crashes the file may come back, but then nothing of it is in memory. */
    private void remove(Path place) {
        try {
            Files.deleteIfExists(place);
        } catch (IOException e) {
            trouble.set(
                    new RestoreException(
                            "cannot make "
                                    + place
                                    + " durable, and cannot remove it: "
                                    + e.getMessage(),
                            "check its file system, and unmount and mount it, or restart the host:"
                                    + " the kernel shows bytes that are not on disk; only then run"
                                    + " the same restore again",
                            e));
        }
    }

    /**
     * Waits until all that were added are durable.
     *
     * @throws UncheckedIOException if one could not be made so
     * @throws RestoreException if that could not be removed either
     */
    void await() throws InterruptedException {
        room.acquire(MOST);
        room.release(MOST);
        tell();
    }

    /**
     * Waits until nothing is under way any more, whatever became of it: a process that ends while
     * the kernel tells of trouble removes nothing.
     */
    void drain() {
        room.acquireUninterruptibly(MOST);
        room.release(MOST);
    }

    private void tell() {
        RuntimeException first = trouble.get();
        if (first != null) {
            throw first;
        }
    }
}
