package io.matriarch.archiver.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A fixed number of platform threads for work that compresses: native code would pin the carriers
 * of virtual threads.
 */
public final class FixedPool implements AutoCloseable {

    private final ExecutorService threads;

    public FixedPool(String name, int size) {
        this.threads =
                Executors.newFixedThreadPool(
                        size, Thread.ofPlatform().daemon().name(name + "-", 0).factory());
    }

    /**
     * Does all the work, and returns the results in the order of the work. The first failure ends
     * the rest and goes up as it is.
     */
    public <T> List<T> runAll(List<? extends Callable<T>> work) throws InterruptedException {
        CompletionService<T> done = new ExecutorCompletionService<>(threads);
        List<Future<T>> futures = new ArrayList<>();
        for (Callable<T> piece : work) {
            futures.add(done.submit(piece));
        }
        try {
            for (int i = 0; i < work.size(); i++) {
                done.take().get();
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.resultNow());
            }
            return results;
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }

    private static RuntimeException failure(ExecutionException failed) {
        return switch (failed.getCause()) {
            case RuntimeException known -> known;
            case Error error -> throw error;
            case null, default -> new IllegalStateException("work failed", failed);
        };
    }

    /** Interrupts what is still running and waits for it. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
