package io.matriarch.archiver.store;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.store.directory.DirectoryStore;
import io.matriarch.archiver.store.s3.S3Store;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An append-only store of named objects. Keyring are relative to the store's prefix, with {@code /}
 * between folders and none in front. An object is never overwritten; what a listing shows is
 * complete and durable.
 *
 * <p>Every call has a deadline. Trouble is a {@link StoreException}, never an empty answer: an
 * empty answer means that the store has said so. Implementations may be used by several threads.
 */
public interface ObjectStore extends AutoCloseable {

    /**
     * Creates an object, unless the key is taken. When it returns, the object is durable, also one
     * that was there already.
     *
     * <p>The body may be read more than once, for another try. An {@link java.io.IOException} of
     * the body itself goes up as an {@link java.io.UncheckedIOException}, and nothing is created.
     */
    PutOutcome putIfAbsent(String key, Body body, Metadata metadata);

    /** What the store knows of an object; empty if there is none. */
    Optional<StoredObject> head(String key);

    /**
     * The content of an object, empty if there is none. The caller closes the stream; reading it
     * may throw {@link StoreException} wrapped in an {@link java.io.IOException}.
     */
    Optional<InputStream> get(String key);

    /**
     * Shows each object of a listing, in no particular order, and holds no more of them at a time
     * than the store sends in one answer: there may be millions. What was shown may be deleted
     * meanwhile.
     */
    void each(Listing listing, Consumer<ListedObject> seen);

    /**
     * All objects whose key begins with {@code prefix}, in the order of their keys. All are held in
     * memory: for folders of which it is known that they are small.
     */
    default List<ListedObject> list(String prefix) {
        List<ListedObject> found = new ArrayList<>();
        each(Listing.of(prefix), found::add);
        found.sort(Comparator.comparing(ListedObject::key));
        return List.copyOf(found);
    }

    /**
     * The names of the folders directly below {@code folder}, which is empty or ends with a slash.
     */
    List<String> listFolders(String folder);

    /**
     * Makes durable what is seen in a folder, whoever put it there. Most stores show nothing before
     * it is.
     */
    default void settle(String folder) {
        // What is shown is durable.
    }

    /** Deletes objects; those already gone count as deleted. */
    void delete(Collection<String> keys);

    /**
     * Removes what creations have left that began before a time and never ended, such as those of a
     * process that was killed. The time must be so long ago that no creation can be under way
     * still. A store that leaves nothing behind has nothing to do.
     *
     * @param prefix of the keys, as far as what was left tells of one
     * @return how many there were
     */
    default int discardUnfinished(String prefix, Instant before) {
        return 0;
    }

    /**
     * For whom content that is put here is to be encrypted, and what decrypts it. The store itself
     * carries bytes: who writes content encrypts it, and who reads it decrypts it.
     */
    default Keyring keyring() {
        return Keyring.NONE;
    }

    @Override
    void close();

    /**
     * Opens the store that the settings name, without asking it anything: trouble shows at the
     * first call, and whoever can wait for the store needs it for nothing else.
     */
    static ObjectStore open(StoreSettings settings, Keyring keyring) {
        return new DelegatingStore.Keyed(open(settings), keyring);
    }

    /** The same without keys. */
    static ObjectStore open(StoreSettings settings) {
        return switch (settings.location()) {
            case StoreLocation.Bucket bucket -> S3Store.open(bucket, settings);
            case StoreLocation.Directory directory -> DirectoryStore.open(directory.path());
        };
    }
}
