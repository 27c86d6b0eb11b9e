package io.matriarch.archiver.claim;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that is not trusted to refuse a key that is taken, until it has shown that it does. Until
 * then, and for good if it does not, each creation looks first whether the key is free, and looks
 * afterwards whose object is there: a mark in its metadata tells.
 *
 * <p>That finds every overwriting but one: of two writers who have both looked before either has
 * written, the earlier may have been told of success when the later replaces its object. On such a
 * store nothing can prevent that.
 */
public final class CautiousStore implements DelegatingStore {

    /** Which creation an object is the result of. */
    static final String WRITE_ID = "write-id";

    /** Says {@code ignored} if the store was known to ignore conditions. */
    private static final String CONDITIONS = "conditional-writes";

    private static final Logger log = LoggerFactory.getLogger(CautiousStore.class);

    private final ObjectStore store;
    private volatile Optional<ConditionalWrites> known = Optional.empty();

    public CautiousStore(ObjectStore store) {
        this.store = store;
    }

    /** Whether an object tells that its store ignored conditions when it was created. */
    public static boolean wasUnprotected(StoredObject object) {
        return object.metadata()
                .value(CONDITIONS)
                .equals(Optional.of(ConditionalWrites.IGNORED.text()));
    }

    /** The store itself, for the question whether it honours conditions. */
    @Override
    public ObjectStore store() {
        return store;
    }

    /** Takes note of what was found out, and says it if it is bad news. */
    public void learn(ConditionalWrites found) {
        if (found == ConditionalWrites.IGNORED && !known.equals(Optional.of(found))) {
            log.atWarn()
                    .addKeyValue(
                            "hint",
                            "make sure that nobody else writes into this repository, or move it to a"
                                    + " store that honours If-None-Match")
                    .log("the store ignores conditional writes");
        }
        known = Optional.of(found);
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body, Metadata metadata) {
        if (known.equals(Optional.of(ConditionalWrites.HONOURED))) {
            return store.putIfAbsent(key, body, metadata);
        }
        Optional<StoredObject> before = store.head(key);
        if (before.isPresent()) {
            return new PutOutcome.AlreadyThere(before.get());
        }
        String mark = UUID.randomUUID().toString();
        return switch (store.putIfAbsent(key, body, marked(metadata, mark))) {
            case PutOutcome.AlreadyThere taken -> taken;
            case PutOutcome.Stored() -> readBack(key, mark);
        };
    }

    private Metadata marked(Metadata metadata, String mark) {
        Map<String, String> values = new HashMap<>(metadata.values());
        values.put(WRITE_ID, mark);
        known.ifPresent(conditions -> values.put(CONDITIONS, conditions.text()));
        return Metadata.of(values);
    }

    private PutOutcome readBack(String key, String mark) {
        StoredObject there =
                store.head(key)
                        .orElseThrow(() ->
                                new StoreException(
                                        "object: "
                                                + key
                                                + " is not there after it was stored (expected:"
                                                + " to be found)",
                                        "another writer may have deleted it just now; if not, the"
                                                + " store loses data",
                                        true,
                                        null));
        return there.metadata().value(WRITE_ID).equals(Optional.of(mark))
                ? new PutOutcome.Stored()
                : new PutOutcome.AlreadyThere(there);
    }

    @Override
    public void close() {
        store.close();
    }
}
