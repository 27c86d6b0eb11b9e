package io.matriarch.archiver.verification;

import io.matriarch.archiver.pace.Pace;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoredObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A store whose content is counted as it is read, and read at no more than a pace. */
final class MeteredStore implements ObjectStore {

    private final ObjectStore store;
    private final Pace pace;
    private final AtomicLong read = new AtomicLong();

    MeteredStore(ObjectStore store, Pace pace) {
        this.store = store;
        this.pace = pace;
    }

    /** How many bytes have been read, as they are stored. */
    long bytesRead() {
        return read.get();
    }

    @Override
    public Optional<InputStream> get(String key) {
        return store.get(key).map(Counted::new);
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        return store.putIfAbsent(key, body, metadata);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return store.head(key);
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
        store.settle(folder);
    }

    @Override
    public void delete(Collection<String> keys) {
        store.delete(keys);
    }

    @Override
    public int discardUnfinished(String prefix, Instant before) {
        return store.discardUnfinished(prefix, before);
    }

    @Override
    public void close() {
        store.close();
    }

    private final class Counted extends FilterInputStream {

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            if (one >= 0) {
                count(1);
            }
            return one;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int got = super.read(bytes, offset, length);
            if (got > 0) {
                count(got);
            }
            return got;
        }

        @Override
        public long skip(long wanted) throws IOException {
            long skipped = super.skip(wanted);
            count(skipped);
            return skipped;
        }

        private void count(long more) {
            read.addAndGet(more);
            pace.onBytes(more);
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
