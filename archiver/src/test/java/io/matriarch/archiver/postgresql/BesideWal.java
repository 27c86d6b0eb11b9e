package io.matriarch.archiver.postgresql;

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

/** Backups in one store, and WAL in the one that the server itself archives to. */
public record BesideWal(ObjectStore backups, ObjectStore wal) implements ObjectStore {

    private ObjectStore of(String key) {
        return key.contains("/wal/") ? wal : backups;
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        return of(key).putIfAbsent(key, body, metadata);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return of(key).head(key);
    }

    @Override
    public Optional<InputStream> get(String key) {
        return of(key).get(key);
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        of(listing.prefix()).each(listing, seen);
    }

    @Override
    public List<String> listFolders(String folder) {
        return of(folder).listFolders(folder);
    }

    @Override
    public void delete(Collection<String> keys) {
        keys.forEach(key -> of(key).delete(List.of(key)));
    }

    @Override
    public void close() {}
}
