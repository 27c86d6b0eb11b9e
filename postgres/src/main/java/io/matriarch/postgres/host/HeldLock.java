package io.matriarch.postgres.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A lock file that is held, against other programs that {@code flock(2)} it. Java's own locks are
 * of another kind, so a small process holds it; that process ends with this one, however this one
 * ends.
 */
public final class HeldLock implements AutoCloseable {

    private static final int CONFLICT = 75;

    private final Process holder;

    private HeldLock(Process holder) {
        this.holder = holder;
    }

    /**
     * Takes the lock without waiting; empty if somebody else has it.
     *
     * @throws IOException if it cannot be found out
     */
    public static Optional<HeldLock> tryLock(Path file) throws IOException {
        Process holder =
                new ProcessBuilder(
                                "flock",
                                "--nonblock",
                                "--conflict-exit-code",
                                Integer.toString(CONFLICT),
                                file.toString(),
                                "cat")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (answers(holder)) {
            return Optional.of(new HeldLock(holder));
        }
        int status = await(holder);
        if (status == CONFLICT) {
            return Optional.empty();
        }
        throw new IOException("flock " + file + " ended with " + status);
    }

    /** Only with the lock does the program behind it run, which sends back what it gets. */
    private static boolean answers(Process holder) {
        try {
            OutputStream in = holder.getOutputStream();
            in.write('?');
            in.flush();
            InputStream out = holder.getInputStream();
            return out.read() == '?';
        } catch (IOException ended) {
            return false;
        }
    }

    private static int await(Process holder) throws IOException {
        try {
            return holder.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        try {
            holder.getOutputStream().close();
            await(holder);
        } catch (IOException e) {
            holder.destroy();
        }
    }
}
