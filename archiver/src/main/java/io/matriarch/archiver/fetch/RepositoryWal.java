package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoredContent;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The log in a repository of our own. */
public record RepositoryWal(ObjectStore store, RepositoryLayout layout) implements WalObjects {

    @Override
    public Optional<Stored> open(WalName name) {
        String key = layout.wal(name);
        return store.get(key).map(content -> new Found(store, key, content));
    }

    private record Found(ObjectStore store, String key, InputStream content) implements Stored {

        @Override
        public InputStream plain() throws IOException {
            return StoredContent.plain(store.keyring().decrypting(content));
        }

        @Override
        public Optional<String> encryptedFor() {
            return store.head(key).flatMap(StoredObject::encryptedFor);
        }

        @Override
        public Optional<WalContent> described() {
            return store.head(key).flatMap(WalContent::of);
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }

    @Override
    public String key(WalName name) {
        return layout.wal(name);
    }

    @Override
    public boolean isListed(WalName name) {
        String key = layout.wal(name);
        return store.list(key).stream().anyMatch(object -> object.key().equals(key));
    }
}
