package io.matriarch.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end, with what they say kept apart. */
public final class Programs {

    private Programs() {}

    /**
     * @param environment added to this process's own
     * @throws OutsideException if the program has not ended in time; it is killed then
     */
    public static Ended run(
            Duration patience, Map<String, String> environment, List<String> command)
            throws InterruptedException {
        try {
            // Files, not pipes: a process that it leaves behind would keep a pipe open.
            Path output = temporary();
            Path errors = temporary();
            try {
                long begun = System.nanoTime();
                ProcessBuilder builder = new ProcessBuilder(command);
                builder.environment().putAll(environment);
                Process process =
                        builder.directory(Path.of("/").toFile())
                                .redirectInput(Path.of("/dev/null").toFile())
                                .redirectOutput(output.toFile())
                                .redirectError(errors.toFile())
                                .start();
                boolean hasEnded = await(process, patience);
                Duration duration = Duration.ofNanos(System.nanoTime() - begun);
                if (!hasEnded) {
                    throw new OutsideException(
                            String.join(" ", command)
                                    + ": no end after "
                                    + patience.toSeconds()
                                    + " s\n"
                                    + Files.readString(output)
                                    + Files.readString(errors));
                }
                return new Ended(
                        command,
                        process.exitValue(),
                        Files.readString(output),
                        Files.readString(errors),
                        duration);
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gone also when this process is ended meanwhile. */
    private static Path temporary() throws IOException {
        Path file = Files.createTempFile("matriarch-outside", ".txt");
        file.toFile().deleteOnExit();
        return file;
    }

    private static boolean await(Process process, Duration patience) throws InterruptedException {
        boolean hasEnded = false;
        try {
            hasEnded = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            if (!hasEnded) {
                process.destroyForcibly();
            }
        }
        return hasEnded;
    }
}
