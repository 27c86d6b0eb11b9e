package io.matriarch.archiver.claim;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a store keeps its word that nothing is overwritten. Some S3-compatible servers accept
 * {@code If-None-Match} and ignore it; with these two writers can replace each other's objects
 * unseen.
 */
public enum ConditionalWrites {
    /** A second creation of the same key was refused. */
    HONOURED,
    /** A second creation of the same key went through. */
    IGNORED;

    /** As metadata and JSON have it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Creates an object once more that is there already, with its own content: on a store that
     * ignores the condition nothing changes thereby, and nothing is left behind on one that forbids
     * deleting.
     *
     * @param key of a small object that exists
     */
    public static ConditionalWrites probe(ObjectStore store, String key) {
        StoredObject existing = store.head(key).orElseThrow(() -> missing(key));
        byte[] content = content(store, key);
        return switch (store.putIfAbsent(key, Body.of(content), existing.metadata())) {
            case PutOutcome.Stored() -> IGNORED;
            case PutOutcome.AlreadyThere(StoredObject _) -> HONOURED;
        };
    }

    private static byte[] content(ObjectStore store, String key) {
        Optional<InputStream> content = store.get(key);
        try (InputStream in = content.orElseThrow(() -> missing(key))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static IllegalStateException missing(String key) {
        return new IllegalStateException("probe of conditional writes: " + key + " is not there");
    }
}
