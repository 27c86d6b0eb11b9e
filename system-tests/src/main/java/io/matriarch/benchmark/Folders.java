package io.matriarch.benchmark;

import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Directories of the server's user, below one place. */
record Folders(Path root, RunAs owner) {

    /** A directory that is there, and is empty. */
    Path empty(String name) throws InterruptedException {
        Path folder = root.resolve(name);
        new Shell(owner, Map.of()).run("rm", "-rf", folder.toString());
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        owner.own(folder);
        return folder;
    }
}
