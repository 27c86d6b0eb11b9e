package io.matriarch.archiver.postgresql;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A real store whose calls can be made to fail: every call asks first. */
public final class WatchedStore implements ObjectStore {

    private final ObjectStore store;
    private final Predicate<String> fails;

    /**
     * @param fails is asked with {@code <put|get|delete|settle> <key>}, and says whether the call
     *     breaks off
     */
    public WatchedStore(ObjectStore store, Predicate<String> fails) {
        this.store = store;
        this.fails = fails;
    }

    private void ask(String call) {
        if (fails.test(call)) {
            throw new StoreException("broken off: " + call, "none, this is a test", false, null);
        }
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        ask("put " + key);
        return store.putIfAbsent(key, body, metadata);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return store.head(key);
    }

    @Override
    public Optional<InputStream> get(String key) {
        ask("get " + key);
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
    public void settle(String folder) {
        ask("settle " + folder);
        store.settle(folder);
    }

    @Override
    public void delete(Collection<String> keys) {
        keys.forEach(key -> ask("delete " + key));
        store.delete(keys);
    }

    @Override
    public void close() {}
}
