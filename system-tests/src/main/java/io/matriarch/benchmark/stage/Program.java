package io.matriarch.benchmark.stage;

import io.matriarch.outside.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The built program, copied to where the server's user may run it, with what its rehearsal has
 * kept: the JVM takes that only beside the very jar that it was made from.
 */
public record Program(Path home) {

    public static Program install(Launcher built, Folders folders)
            throws InterruptedException, IOException {
        Path home = folders.empty("program");
        for (String file :
                new String[] {
                    "bin/matriarch",
                    "bin/jdk-home",
                    "sidecar/target/matriarch.jar",
                    "sidecar/target/matriarch.aot"
                }) {
            Path copy = home.resolve(file);
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(built.home().resolve(file), copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
        return new Program(home);
    }

    public String launcher() {
        return home.resolve("bin/matriarch").toString();
    }

    public String command(String words) {
        return launcher() + " " + words;
    }
}
