package io.matriarch.archiver.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

/**
 * A directory whose listing breaks off when it is told to: the kernel's own of one thread, which
 * answers with an error as soon as that thread has ended. Who has begun to list it comes to the
 * error, and so does who begins later; no user or mount is needed for it.
 */
public final class BrokenListing implements AutoCloseable {

    private final CountDownLatch end = new CountDownLatch(1);
    private final Path folder;
    private final FileChannel held;
    private final Path directory;

    public BrokenListing() throws IOException, InterruptedException, ExecutionException {
        CompletableFuture<Path> own = new CompletableFuture<>();
        Thread _ = Thread.ofPlatform().daemon().start(() -> live(own, end));
        this.folder = own.get();
        Path net = folder.resolve("net");
        this.held = FileChannel.open(net, StandardOpenOption.READ);
        this.directory = descriptor(net);
    }

    private static void live(CompletableFuture<Path> own, CountDownLatch end) {
        try {
            own.complete(
                    Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self"))));
            end.await();
        } catch (IOException | InterruptedException e) {
            own.completeExceptionally(e);
        }
    }

    /** A way to it that is still there when its name is gone. */
    private static Path descriptor(Path opened) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                if (Files.exists(each) && Files.readSymbolicLink(each).equals(opened)) {
                    return each;
                }
            }
        }
        throw new IOException("not open: " + opened);
    }

    /** It holds some files, which are no directories. */
    public Path directory() {
        return directory;
    }

    /** From here on, whoever asks for more of its names gets an error. */
    public void breakOff() {
        end.countDown();
        while (Files.exists(folder)) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws IOException {
        breakOff();
        held.close();
    }
}
