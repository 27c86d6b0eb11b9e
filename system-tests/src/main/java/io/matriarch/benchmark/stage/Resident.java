package io.matriarch.benchmark.stage;

import io.matriarch.outside.OutsideException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The archiver's process, seen from the benchmark. */
public final class Resident implements AutoCloseable {

    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;
    private final Path control;
    private String[] backup = {"", "", "0"};

    private Resident(Process process, Path control) {
        this.process = process;
        this.orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        this.answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.control = control;
    }

    /** On the ground's server. */
    public static Resident start(Ground ground, Store.Place repository)
            throws InterruptedException, IOException {
        Folders folders = ground.folders();
        Path control = folders.empty("control");
        ground.shell().run("mkfifo", control.resolve("bell.sidecar").toString());
        ProcessBuilder builder =
                new ProcessBuilder(
                        folders.owner().command(List.of(ground.program().launcher(), "sidecar")));
        // The launcher gives the options of a sidecar's JVM; what follows a class's name are its
        // arguments.
        builder.environment().putAll(ground.store().environment());
        builder.environment()
                .put(
                        "MATRIARCH_JAVA_OPTS",
                        String.join(
                                " ",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ResidentArchiver.class.getName(),
                                ground.server().data(),
                                ground.server().home().toString(),
                                repository.url(),
                                control.toString(),
                                Integer.toString(ground.load().parallel()),
                                Integer.toString(ground.load().level())));
        Process process =
                builder.redirectError(folders.root().resolve("archiver.log").toFile()).start();
        return new Resident(process, control);
    }

    /**
     * How much is done at once, and how well it is compressed.
     *
     * @param level of zstd
     */
    public record Load(int parallel, int level) {}

    public String archiveCommand() {
        return "exec " + control.resolve("archive-wal") + " %p %f";
    }

    public String restoreCommand() {
        return "exec " + control.resolve("fetch-wal") + " %f %p";
    }

    /** Has the archiver do something, and measures it. */
    public Sample order(String word) throws IOException {
        double before = processorSeconds();
        long begun = System.nanoTime();
        orders.write(word + "\n");
        orders.flush();
        String answer = answers.readLine();
        while (answer != null && !answer.equals("done " + word)) {
            backup = answer.startsWith("backup ") ? answer.split(" ", -1) : backup;
            answer = answers.readLine();
        }
        if (answer == null) {
            throw new OutsideException("the archiver has ended: see archiver.log");
        }
        return new Sample((System.nanoTime() - begun) / 1e9, processorSeconds() - before);
    }

    /** The name of the last backup that was ordered. */
    public String backup() {
        return backup[1];
    }

    /** What the store holds of it. */
    public long storedBytes() {
        return Long.parseLong(backup[2]);
    }

    /** All that the process has used so far. */
    public double processorSeconds() {
        return Sample.processorSecondsOf(process);
    }

    @Override
    public void close() throws IOException {
        orders.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
