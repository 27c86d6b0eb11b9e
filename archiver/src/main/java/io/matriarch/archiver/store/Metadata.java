package io.matriarch.archiver.store;

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

    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
