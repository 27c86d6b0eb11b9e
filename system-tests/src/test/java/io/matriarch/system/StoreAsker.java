package io.matriarch.system;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.outside.Launcher;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process with the launcher, the options and the jar of a sidecar, and with nothing in its
 * environment but what it is given. It opens a store once, and lists it each time it is asked.
 */
final class StoreAsker implements AutoCloseable {

    private static final String LISTED = "listed";

    private final Process process;
    private final Writer questions;
    private final BufferedReader answers;

    private StoreAsker(Process process) {
        this.process = process;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static StoreAsker start(String url, Map<String, String> environment) throws IOException {
        Path home = Launcher.here().home();
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/matriarch").toString(), "sidecar");
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // What follows a class's name are its arguments.
        builder.environment()
                .put(
                        "MATRIARCH_JAVA_OPTS",
                        "-cp %s:%s %s %s"
                                .formatted(
                                        home.resolve("sidecar/target/matriarch.jar"),
                                        home.resolve("system-tests/target/test-classes"),
                                        StoreAsker.class.getName(),
                                        url));
        builder.environment().putAll(environment);
        return new StoreAsker(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** Lists the store; empty if that went well, else what was wrong. */
    String ask() throws IOException {
        questions.write("list\n");
        questions.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the process has ended with " + process.onExit().join());
        }
        return answer.equals(LISTED) ? "" : answer;
    }

    @Override
    public void close() throws IOException {
        questions.close();
        process.onExit().join();
    }

    public static void main(String[] arguments) throws IOException {
        PrintWriter out =
                new PrintWriter(
                        new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        BufferedReader questions =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(StoreLocation.parse(arguments[0])))) {
            while (questions.readLine() != null) {
                out.println(answer(store));
            }
        }
    }

    private static String answer(ObjectStore store) {
        try {
            store.list("");
            return LISTED;
        } catch (StoreException e) {
            return (e.getMessage() + "; " + e.hint()).replace('\n', ' ');
        }
    }
}
