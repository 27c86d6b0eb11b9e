package io.matriarch.archiver.retention;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A store in memory, with a clock that a test sets, for thousands of histories in a second. A call
 * can be broken off in its middle: of a deletion of many, the first ones are then gone.
 */
final class MemoryStore implements ObjectStore {

    /** Never, by default. */
    static final long NEVER = Long.MAX_VALUE;

    private static final class Stored {

        private final byte[] content;
        private final Instant time;

        Stored(byte[] content, Instant time) {
            this.content = content;
            this.time = time;
        }
    }

    private final SortedMap<String, Stored> objects = new TreeMap<>();
    private Instant now = Instant.EPOCH;
    private long writesLeft = NEVER;
    private Predicate<String> locked = _ -> false;

    void at(Instant time) {
        now = time;
    }

    /** After so many changed objects every change fails. */
    void breakAfter(long writes) {
        writesLeft = writes;
    }

    /** Deleting these is refused. */
    void lock(Predicate<String> keys) {
        locked = keys;
    }

    boolean holds(String key) {
        return objects.containsKey(key);
    }

    List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    void put(String key, byte[] content) {
        objects.put(key, new Stored(content, now));
    }

    private void spend() {
        if (writesLeft == 0) {
            throw new StoreException("broken off", "none, this is a test", true, null);
        }
        writesLeft--;
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        spend();
        Optional<StoredObject> existing = head(key);
        if (existing.isPresent()) {
            return new PutOutcome.AlreadyThere(existing.get());
        }
        try {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            body.writeTo(content);
            put(key, content.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PutOutcome.Stored();
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return Optional.ofNullable(objects.get(key))
                .map(it -> new StoredObject(key, it.content.length, it.time, Metadata.NONE));
    }

    @Override
    public Optional<InputStream> get(String key) {
        return Optional.ofNullable(objects.get(key))
                .map(it -> new ByteArrayInputStream(it.content));
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        objects.tailMap(listing.prefix()).entrySet().stream()
                .takeWhile(it -> it.getKey().startsWith(listing.prefix()))
                .filter(it -> listing.shows(it.getKey()))
                .map(it ->
                        new ListedObject(
                                it.getKey(), it.getValue().content.length, it.getValue().time))
                .toList()
                .forEach(seen);
    }

    @Override
    public List<String> listFolders(String folder) {
        TreeSet<String> names = new TreeSet<>();
        for (ListedObject object : list(folder)) {
            String rest = object.key().substring(folder.length());
            if (rest.contains("/")) {
                names.add(rest.substring(0, rest.indexOf('/')));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public void delete(Collection<String> keys) {
        List<String> refused = keys.stream().filter(locked).filter(this::holds).toList();
        for (String key : keys) {
            if (!refused.contains(key) && holds(key)) {
                spend();
                objects.remove(key);
            }
        }
        if (!refused.isEmpty()) {
            throw new StoreException(
                    "cannot delete %d objects, among them %s: AccessDenied"
                            .formatted(refused.size(), refused.getFirst()),
                    "none, this is a test",
                    false,
                    null);
        }
    }

    @Override
    public void close() {}
}
