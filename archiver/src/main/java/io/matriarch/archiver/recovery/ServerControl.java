package io.matriarch.archiver.recovery;

import io.matriarch.archiver.readback.RestoreException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL's {@code pg_ctl} on one data directory, run as the server's user.
 *
 * @param directory the data directory
 */
record ServerControl(Path directory, ServerPrograms programs) {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /**
     * Runs it.
     *
     * @param folder to run it in
     * @return what it complains of; empty if it has done what it was told
     * @throws IOException if it could not be run, or did not end
     */
    Optional<String> run(Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(programs.programs().resolve("pg_ctl").toString());
        command.addAll(arguments);
        // What it says fits into the pipe; in a file it would stay when this process is killed.
        ProcessBuilder builder =
                new ProcessBuilder(new ServerUser(programs.runAs()).command(command))
                        .directory(folder.toFile())
                        .redirectErrorStream(true);
        ServerUser.limit(builder.environment());
        builder.environment().put("PGDATA", directory.toString());
        Process process = builder.start();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            throw new IOException("pg_ctl did not end in " + LIMIT.toSeconds() + " s");
        }
        return process.exitValue() == 0
                ? Optional.empty()
                : Optional.of(ServerUser.oneLine(process.getInputStream().readAllBytes()));
    }

    /** Stops the server that runs; what it has written stays. */
    void stop() throws InterruptedException {
        Optional<String> complaint;
        try {
            complaint = run(Path.of("/"), List.of("stop", "--mode=fast", "--wait"));
        } catch (IOException e) {
            complaint = Optional.of(String.valueOf(e.getMessage()));
        }
        if (complaint.isPresent()) {
            throw RestoreException.ofThisHost(
                    "server on " + directory + " cannot be stopped: " + complaint.get(),
                    "stop it by hand",
                    null);
        }
    }

    /** Most likely an earlier run has restored the files for somebody else. */
    RestoreException notStarted(String complaint) {
        Optional<String> other = programs.runAs().filter(user -> !isOwner(user));
        return RestoreException.ofThisHost(
                "server on " + directory + " cannot be started: " + complaint,
                other.map(user -> "give it to that user (chown -RL " + user + " " + directory + ")")
                                .orElse("what was restored stays; mend that")
                        + ", and run the same restore again",
                null);
    }

    private boolean isOwner(String user) {
        try {
            UserPrincipal owner = Files.getOwner(directory);
            return FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(user)
                    .equals(owner);
        } catch (IOException hidden) {
            return true;
        }
    }
}
