package io.matriarch.elector.control;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * The sidecar's end of the control directory. Writes are whole or not at all; what reads as garbage
 * reads as absent. May be used by several threads, as long as each file has one writer.
 */
public final class ControlDirectory implements ControlChannel {

    private final Path path;
    private final Bell supervisor;
    private final Bell sidecar;

    public ControlDirectory(Path path) {
        this.path = path;
        this.supervisor = new Bell(path.resolve("bell.supervisor"));
        this.sidecar = new Bell(path.resolve("bell.sidecar"));
    }

    public Path path() {
        return path;
    }

    /** Makes the directory if the supervisor has not done so yet. */
    public void create() {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException("the control directory " + path + " cannot be made", e);
        }
    }

    /** Overwrites the lease in place: on a full volume a temporary file would be left empty. */
    @Override
    public void writeLease(LeaseRecord lease) {
        try (FileChannel channel =
                FileChannel.open(
                        path.resolve("lease"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(lease.toRecord().toBytes()), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("the lease cannot be written in " + path, e);
        }
    }

    @Override
    public Optional<LeaseRecord> readLease() {
        return read("lease").map(LeaseRecord::of);
    }

    @Override
    public void writeDesired(DesiredState desired) {
        writeWhole(path.resolve("desired"), desired.toRecord().toBytes());
        supervisor.ring();
    }

    @Override
    public Optional<DesiredState> readDesired() {
        return read("desired").map(DesiredState::of);
    }

    @Override
    public Optional<ActualState> readActual() {
        return read("actual").map(ActualState::of);
    }

    @Override
    public void touchTrigger(Epoch epoch) {
        writeWhole(trigger(), (epoch + "\n").getBytes(StandardCharsets.US_ASCII));
        supervisor.ring();
    }

    public boolean isTriggered() {
        return Files.exists(trigger());
    }

    public Path trigger() {
        return path.resolve("promote");
    }

    @Override
    public void submit(Job job) {
        createJobs();
        writeWhole(
                jobs().resolve(job.id()),
                (String.join("\n", job.arguments()) + "\n").getBytes(StandardCharsets.UTF_8));
        supervisor.ring();
    }

    @Override
    public List<Job> unfinished() {
        try {
            return FolderEntries.of(jobs()).stream()
                    .sorted()
                    .filter(file -> Job.isId(file.getFileName().toString()))
                    .filter(file -> !Files.exists(jobs().resolve(file.getFileName() + ".done")))
                    .flatMap(file -> job(file).stream())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("the jobs in " + path + " cannot be read", e);
        }
    }

    private static Optional<Job> job(Path file) {
        try {
            List<String> arguments = Files.readAllLines(file);
            return Optional.of(new Job(file.getFileName().toString(), arguments));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the job " + file + " cannot be read", e);
        }
    }

    @Override
    public Optional<Job.Outcome> outcome(Job job) {
        try {
            String text = Files.readString(jobs().resolve(job.id() + ".done"));
            int end = text.indexOf('\n');
            String status = end < 0 ? text : text.substring(0, end);
            String output = end < 0 ? "" : text.substring(end + 1);
            return Optional.of(new Job.Outcome(Integer.parseInt(status.strip()), output.strip()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the outcome of " + job.id() + " cannot be read", e);
        }
    }

    @Override
    public void stop(Job job) {
        writeWhole(jobs().resolve(job.id() + ".stop"), new byte[0]);
        supervisor.ring();
    }

    @Override
    public void forget(Job job) {
        try {
            for (String suffix : new String[] {"", ".done", ".stop"}) {
                Files.deleteIfExists(jobs().resolve(job.id() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the job " + job.id() + " cannot be removed", e);
        }
    }

    @Override
    public void ringSupervisor() {
        supervisor.ring();
    }

    public void ringSidecar() {
        sidecar.ring();
    }

    /** Blocks until anybody rings for the sidecar; false if there is no bell. */
    public boolean awaitRing() {
        return sidecar.await();
    }

    private Path jobs() {
        return path.resolve("jobs");
    }

    private void createJobs() {
        try {
            Files.createDirectories(jobs());
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for jobs in " + path, e);
        }
    }

    private Optional<ControlRecord> read(String file) {
        try {
            return ControlRecord.parse(Files.readAllBytes(path.resolve(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read in " + path, e);
        }
    }

    private static void writeWhole(Path file, byte[] content) {
        try {
            WholeFiles.replace(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }
}
