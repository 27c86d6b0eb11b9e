package io.matriarch.archiver.postgresql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process with the memory that a sidecar has for its archiver: started with the launcher's own
 * flags, and with as much of the heap taken as the rest of a sidecar takes.
 */
public final class SidecarMemory implements AutoCloseable {

    /**
     * Of a sidecar on a primary: its classes, the elector, ZooKeeper's client, the store's (22 MB),
     * and the pool for segments on their way (20 MB).
     */
    private static final int OCCUPIED_MB = 42;

    private static final Pattern FLAGS =
            Pattern.compile("\"sidecar \"\\*\\)\\s+flags=\"([^\"]*)\"", Pattern.DOTALL);

    private final List<byte[]> occupied = new ArrayList<>();

    private SidecarMemory() {
        for (int i = 0; i < OCCUPIED_MB; i++) {
            occupied.add(new byte[1 << 20]);
        }
    }

    /** For the process itself: takes what the rest of a sidecar would take. */
    public static SidecarMemory occupied() {
        return new SidecarMemory();
    }

    /** Starts a class of the tests; what it says on both its outputs can be read. */
    public static Process start(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags());
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static List<String> flags() throws IOException {
        Matcher flags = FLAGS.matcher(Files.readString(Path.of("../bin/matriarch")));
        if (!flags.find()) {
            throw new IllegalStateException("bin/matriarch: no flags for a sidecar found");
        }
        return Arrays.stream(flags.group(1).replace("\\\n", " ").strip().split("\\s+")).toList();
    }

    @Override
    public void close() {
        occupied.clear();
    }
}
