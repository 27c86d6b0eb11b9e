package io.matriarch.benchmark;

import io.matriarch.outside.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The built program, copied to where the server's user may run it. */
record Program(Path home) {

    static Program install(Launcher built, Folders folders)
            throws InterruptedException, IOException {
        Path home = folders.empty("program");
        for (String file :
                new String[] {"bin/matriarch", "bin/jdk-home", "sidecar/target/matriarch.jar"}) {
            Path copy = home.resolve(file);
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(built.home().resolve(file), copy);
        }
        return new Program(home);
    }

    String launcher() {
        return home.resolve("bin/matriarch").toString();
    }

    String command(String words) {
        return launcher() + " " + words;
    }
}
