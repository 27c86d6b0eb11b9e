package io.matriarch.archiver.store;

import io.matriarch.archiver.encryption.Keyring;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is written beside an object's content: lower-case names with dashes, short ASCII values. */
public record Metadata(SortedMap<String, String> values) {

    public static final Metadata NONE = new Metadata(new TreeMap<>());

    public Metadata {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    public static Metadata of(Map<String, String> values) {
        return new Metadata(new TreeMap<>(values));
    }

    /** What is written beside content that was encrypted so; nothing if it was not. */
    public static Metadata encryptedWith(Keyring keyring) {
        return keyring.encryptedFor().map(it -> NONE.with(Keyring.ENCRYPTED_FOR, it)).orElse(NONE);
    }

    /** The same values and another. */
    public Metadata with(String name, String value) {
        return and(of(Map.of(name, value)));
    }

    /** The same values and others. */
    public Metadata and(Metadata others) {
        SortedMap<String, String> more = new TreeMap<>(values);
        more.putAll(others.values);
        return new Metadata(more);
    }

    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
