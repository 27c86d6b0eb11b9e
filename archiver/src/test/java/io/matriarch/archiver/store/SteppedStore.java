package io.matriarch.archiver.store;

import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A real store that tells of every call before it does it; who is told may wait, or throw. */
public final class SteppedStore implements ObjectStore {

    private final ObjectStore store;
    private final Consumer<Step> before;

    /**
     * A call.
     *
     * @param keys that it is about; those that end with a slash stand for all below
     */
    public record Step(Set<String> keys, boolean isWrite) {

        public boolean isAbout(String key) {
            return keys.stream().anyMatch(own -> overlap(own, key));
        }

        /** Whether it matters which of the two comes first. */
        public boolean conflictsWith(Step other) {
            return (isWrite || other.isWrite) && other.keys.stream().anyMatch(this::isAbout);
        }

        private static boolean overlap(String one, String other) {
            return one.equals(other)
                    || (one.endsWith("/") && other.startsWith(one))
                    || (other.endsWith("/") && one.startsWith(other));
        }
    }

    public SteppedStore(ObjectStore store, Consumer<Step> before) {
        this.store = store;
        this.before = before;
    }

    private void tell(boolean isWrite, String key) {
        before.accept(new Step(Set.of(key), isWrite));
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        tell(true, key);
        return store.putIfAbsent(key, body, metadata);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        tell(false, key);
        return store.head(key);
    }

    @Override
    public Optional<InputStream> get(String key) {
        tell(false, key);
        return store.get(key);
    }

    @Override
    public void each(Listing listing, Consumer<ListedObject> seen) {
        tell(false, listing.prefix());
        store.each(listing, seen);
    }

    @Override
    public List<String> listFolders(String folder) {
        tell(false, folder);
        return store.listFolders(folder);
    }

    @Override
    public void delete(Collection<String> keys) {
        before.accept(new Step(Set.copyOf(keys), true));
        store.delete(keys);
    }

    @Override
    public void close() {}
}
