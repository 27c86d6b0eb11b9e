package io.matriarch.archiver.restore;

import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StoredObject;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A store that has moved some objects into an archive; of the WAL among them its listing does not
 * say so.
 */
record ColdStore(ObjectStore store, Set<String> cold) implements DelegatingStore {

    private static final StorageClass UNTOLD =
            new StorageClass("DEEP_ARCHIVE", StorageClass.Access.UNTOLD);
    private static final StorageClass ARCHIVED =
            new StorageClass("DEEP_ARCHIVE", StorageClass.Access.ARCHIVED);

    @Override
    public Optional<StoredObject> head(String key) {
        return store.head(key)
                .map(it ->
                        cold.contains(key)
                                ? new StoredObject(
                                        key, it.size(), it.lastModified(), it.metadata(), ARCHIVED)
                                : it);
    }

    @Override
    public Optional<InputStream> get(String key) {
        if (cold.contains(key)) {
            throw new AssertionError("read though it is cold: " + key);
        }
        return store.get(key);
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        store.each(listing, it -> seen.accept(cold.contains(it.key()) ? moved(it) : it));
    }

    private static ListedObject moved(ListedObject object) {
        return new ListedObject(
                object.key(),
                object.size(),
                object.lastModified(),
                object.key().contains("/wal/") ? UNTOLD : ARCHIVED);
    }
}
