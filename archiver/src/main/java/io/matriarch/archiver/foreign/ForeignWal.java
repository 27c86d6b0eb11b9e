package io.matriarch.archiver.foreign;

import io.matriarch.archiver.codec.PackedObject;
import io.matriarch.archiver.fetch.WalObjects;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The log that WAL-E or WAL-G has archived. No digest is told of any of it. */
final class ForeignWal implements WalObjects {

    private final ObjectStore store;

    /** As the last file was packed the next one mostly is too. */
    private volatile String usual = ".lz4";

    ForeignWal(ObjectStore store) {
        this.store = store;
    }

    private record Found(String key, InputStream content) implements Stored {

        @Override
        public InputStream plain() throws IOException {
            return PackedObject.plain(key, content);
        }

        @Override
        public Optional<WalContent> described() {
            return Optional.empty();
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }

    @Override
    public Optional<Stored> open(WalName name) {
        for (String ending : endings()) {
            String key = ForeignLayout.WAL + name.text() + ending;
            Optional<InputStream> content = store.get(key);
            if (content.isPresent()) {
                usual = ending;
                return Optional.of(new Found(key, content.get()));
            }
        }
        return Optional.empty();
    }

    /** What the store knows of a file; empty if it is not there. */
    Optional<StoredObject> head(WalName name) {
        for (String ending : endings()) {
            Optional<StoredObject> object = store.head(ForeignLayout.WAL + name.text() + ending);
            if (object.isPresent()) {
                usual = ending;
                return object;
            }
        }
        return Optional.empty();
    }

    private List<String> endings() {
        List<String> endings = new ArrayList<>(PackedObject.endings());
        String first = usual;
        endings.remove(first);
        endings.addFirst(first);
        return endings;
    }

    @Override
    public String key(WalName name) {
        return ForeignLayout.WAL + name.text() + usual;
    }

    @Override
    public boolean isListed(WalName name) {
        return store.list(ForeignLayout.WAL + name.text()).stream()
                .anyMatch(object -> ForeignLayout.fileName(object.key()).equals(name.text()));
    }
}
