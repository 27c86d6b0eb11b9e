package io.matriarch.archiver.verification;

import io.matriarch.archiver.pace.Pace;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.ObjectStore;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A store whose content is counted as it is read, and read at no more than a pace. */
final class MeteredStore implements DelegatingStore {

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
    public ObjectStore store() {
        return store;
    }

    @Override
    public Optional<InputStream> get(String key) {
        return store.get(key).map(Counted::new);
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
