package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All for whom an object is encrypted: each of them can read it alone. */
public record Recipients(List<Recipient> all) {

    /** Nothing is encrypted. */
    public static final Recipients NONE = new Recipients(List.of());

    /** Their fingerprints must fit into an object's metadata. */
    private static final int MOST = 16;

    public Recipients {
        all = List.copyOf(new LinkedHashSet<>(all));
        if (all.size() > MOST) {
            throw new IllegalArgumentException(
                    "recipients: " + all.size() + " (expected: at most " + MOST + ")");
        }
    }

    /**
     * Reads recipients, one a text.
     *
     * @throws IllegalArgumentException if one of them is none
     */
    public static Recipients of(List<String> texts) {
        return new Recipients(texts.stream().map(String::strip).map(Recipient::new).toList());
    }

    /**
     * Reads a file of one recipient a line; empty lines and those that begin with # are for people.
     *
     * @throws IllegalArgumentException if a line is no recipient, or none is there
     * @throws UncheckedIOException if the file cannot be read
     */
    public static Recipients read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Recipients read =
                of(
                        lines.stream()
                                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                                .toList());
        if (read.all.isEmpty()) {
            throw new IllegalArgumentException("recipients: none in " + file);
        }
        return read;
    }

    public Recipients and(Recipients others) {
        return new Recipients(Stream.concat(all.stream(), others.all.stream()).toList());
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** What is told beside an object; empty if it is not encrypted. */
    public Optional<String> fingerprints() {
        return isEmpty()
                ? Optional.empty()
                : Optional.of(
                        all.stream().map(Recipient::fingerprint).collect(Collectors.joining(" ")));
    }

    List<RecipientStanzaWriter> writers() {
        return all.stream().map(Recipient::writer).toList();
    }
}
