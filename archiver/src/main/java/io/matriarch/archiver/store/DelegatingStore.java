package io.matriarch.archiver.store;

import io.matriarch.archiver.encryption.Keyring;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Another store in all that is not said otherwise. It stays open: whoever opened it closes it. */
public interface DelegatingStore extends ObjectStore {

    ObjectStore store();

    /** A store and the keys of what is in it; closing it closes the store. */
    record Keyed(ObjectStore store, Keyring keyring) implements DelegatingStore {

        @Override
        public void close() {
            store.close();
        }
    }

    @Override
    default Keyring keyring() {
        return store().keyring();
    }

    @Override
    default PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        return store().putIfAbsent(key, body, metadata);
    }

    @Override
    default Optional<StoredObject> head(String key) {
        return store().head(key);
    }

    @Override
    default Optional<InputStream> get(String key) {
        return store().get(key);
    }

    @Override
    default void each(Listing listing, Consumer<ListedObject> seen) {
        store().each(listing, seen);
    }

    @Override
    default List<String> listFolders(String folder) {
        return store().listFolders(folder);
    }

    @Override
    default void settle(String folder) {
        store().settle(folder);
    }

    @Override
    default void delete(Collection<String> keys) {
        store().delete(keys);
    }

    @Override
    default int discardUnfinished(String prefix, Instant before) {
        return store().discardUnfinished(prefix, before);
    }

    @Override
    default void close() {}
}
