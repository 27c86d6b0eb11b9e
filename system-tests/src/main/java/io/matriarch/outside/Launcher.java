package io.matriarch.outside;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The program as a person starts it: {@code bin/matriarch} of a built tree.
 *
 * @param home the tree
 */
public record Launcher(Path home) {

    public static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Of the tree that this process works in, or in a module of which it works. */
    public static Launcher here() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("bin/matriarch"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new OutsideException(
                        "directory: "
                                + Path.of("").toAbsolutePath()
                                + " (expected: one within Matriarch's tree)");
            }
            folder = parent;
        }
        return new Launcher(folder);
    }

    /** Runs a command of the program, whatever comes of it. */
    public Ended run(String... arguments) throws InterruptedException {
        return run(Map.of(), arguments);
    }

    public Ended run(Map<String, String> environment, String... arguments)
            throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/matriarch").toString());
        command.addAll(List.of(arguments));
        return Programs.run(PATIENCE, environment, command);
    }
}
