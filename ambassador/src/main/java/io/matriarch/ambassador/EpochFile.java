package io.matriarch.ambassador;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Remembers the highest epoch over a restart: {@code ambassador.epoch}, one decimal number and a
 * line feed, replaced by renaming.
 */
final class EpochFile {

    private static final String NAME = "ambassador.epoch";

    private final Path file;

    EpochFile(Path directory) {
        this.file = directory.resolve(NAME);
    }

    /**
     * The remembered epoch; {@link Epoch#NONE} if nothing was ever remembered.
     *
     * @throws IllegalArgumentException if the file holds anything else: to guess would be to forget
     */
    Epoch read() {
        try {
            return Files.exists(file)
                    ? Epoch.parse(Files.readString(file, StandardCharsets.US_ASCII).strip())
                    : Epoch.NONE;
        } catch (IOException e) {
            throw new UncheckedIOException("epoch file: " + file + " cannot be read", e);
        }
    }

    /** Killed at any moment, the file holds the old epoch or the new one. */
    void write(Epoch epoch) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        WholeFiles.replaceDurably(file, epoch + "\n");
    }
}
