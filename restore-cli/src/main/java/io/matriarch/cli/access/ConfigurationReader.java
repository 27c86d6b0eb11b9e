package io.matriarch.cli.access;

import java.nio.file.Path;

/** Reads the file that sidecars are configured with, as far as commands need it. */
@FunctionalInterface
public interface ConfigurationReader {

    ClusterAccess read(Path file);
}
