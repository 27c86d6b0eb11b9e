package io.matriarch.archiver.recovery;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.datadir.PostmasterFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** PostgreSQL's own programs for a restored directory, run as its server's user. */
public record ServerTools(ServerPrograms programs) {

    /** Of what a program says, so many lines are kept; it may complain of every page. */
    private static final int KEPT_LINES = 200;

    private static final Duration GRACE = Duration.ofSeconds(10);

    /**
     * How a program ended.
     *
     * @param said its first lines, of both streams
     * @param lines how many there were
     */
    public record Ended(int status, List<String> said, long lines) {

        public Ended {
            said = List.copyOf(said);
        }
    }

    /** Whether this host has the program. */
    public boolean has(String program) {
        return Files.isExecutable(programs.programs().resolve(program));
    }

    /**
     * Runs one to its end.
     *
     * @throws RestoreException if it could not be run, or took longer than {@code limit}
     */
    public Ended run(String program, List<String> arguments, Duration limit)
            throws InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(programs.programs().resolve(program).toString());
        words.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(new ServerUser(programs.runAs()).command(words))
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true);
        ServerUser.limit(builder.environment());
        builder.environment().put("LC_MESSAGES", "C");
        try {
            return run(program, builder.start(), limit);
        } catch (IOException e) {
            throw RestoreException.ofThisHost(
                    program + " cannot be run: " + e.getMessage(),
                    "check that " + programs.programs() + " holds PostgreSQL's programs",
                    e);
        }
    }

    private static Ended run(String program, Process process, Duration limit)
            throws InterruptedException {
        Output output = new Output(process);
        // It ends by itself with the process.
        Thread reader = Thread.ofVirtual().name(program).start(output::read);
        try {
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                throw RestoreException.ofThisHost(
                        program + " has not ended in " + limit.toSeconds() + " s",
                        "give it more time",
                        null);
            }
            reader.join(GRACE);
            return output.ended(process.exitValue());
        } finally {
            process.destroy();
        }
    }

    /** What it says while it runs: read at once, for a pipe holds little. */
    private static final class Output {

        private final Process process;
        private final List<String> said = Collections.synchronizedList(new ArrayList<>());
        private volatile long lines;

        Output(Process process) {
            this.process = process;
        }

        void read() {
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                long count = 0;
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    if (!line.isBlank()) {
                        if (count < KEPT_LINES) {
                            said.add(line.strip());
                        }
                        lines = ++count;
                    }
                }
            } catch (IOException | UncheckedIOException closed) {
                // The process was ended from here.
                lines = said.size();
            }
        }

        Ended ended(int status) {
            return new Ended(status, List.copyOf(said), lines);
        }
    }

    /** Stops the server that somebody has left on a directory, if one runs there. */
    public void stopServer(Path directory) throws InterruptedException {
        try {
            if (PostmasterFile.of(directory).filter(PostmasterFile::isLive).isPresent()) {
                new ServerControl(directory, programs).stop();
            }
        } catch (IOException e) {
            throw RestoreException.ofThisHost(
                    "server on " + directory + ": " + e.getMessage(), "look there by hand", e);
        }
    }
}
