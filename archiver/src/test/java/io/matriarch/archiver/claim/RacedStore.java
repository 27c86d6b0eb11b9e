package io.matriarch.archiver.claim;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoredObject;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A real store in which somebody else acts right after each creation. */
record RacedStore(ObjectStore store, Runnable rival) implements ObjectStore {

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        PutOutcome outcome = store.putIfAbsent(key, body, metadata);
        rival.run();
        return outcome;
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return store.head(key);
    }

    @Override
    public Optional<InputStream> get(String key) {
        return store.get(key);
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        store.each(listing, seen);
    }

    @Override
    public List<String> listFolders(String folder) {
        return store.listFolders(folder);
    }

    @Override
    public void delete(Collection<String> keys) {
        store.delete(keys);
    }

    @Override
    public void close() {
        store.close();
    }
}
