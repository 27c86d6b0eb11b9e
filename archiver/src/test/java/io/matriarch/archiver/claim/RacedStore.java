package io.matriarch.archiver.claim;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;

/** A real store in which somebody else acts right after each creation. */
record RacedStore(ObjectStore store, Runnable rival) implements DelegatingStore {

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        PutOutcome outcome = store.putIfAbsent(key, body, metadata);
        rival.run();
        return outcome;
    }

    @Override
    public void close() {
        store.close();
    }
}
