package io.matriarch.archiver.verification;

import io.matriarch.archiver.catalogue.PackedJson;
import io.matriarch.archiver.catalogue.WholeObject;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what was proven in the repository itself. Each writing is an object of its own, which takes
 * the place of those that were read before: so of two that verify at the same time neither forgets
 * what the other has proven.
 */
public final class ProofStore {

    private static final String SUFFIX = ".json.zst";

    /** Whoever reads while another writes may find that what was listed has been replaced. */
    private static final int TRIES = 3;

    /** Where none may be deleted they pile up; each tells what those before it have told. */
    private static final int MOST = 16;

    private static final Logger log = LoggerFactory.getLogger(ProofStore.class);

    private final ObjectStore store;
    private final String folder;
    private final Set<String> superseded = new LinkedHashSet<>();

    public ProofStore(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.folder = layout.verificationsFolder();
    }

    /**
     * All that is told there. What cannot be read is forgotten: then more is read back, not less.
     */
    public Proofs read() {
        for (int i = 1; ; i++) {
            List<Proofs> all = new ArrayList<>();
            boolean isComplete = true;
            for (String key : newest()) {
                isComplete &= read(key, all);
            }
            if (isComplete || i == TRIES) {
                return Proofs.together(all);
            }
        }
    }

    private List<String> newest() {
        return store.list(folder).stream()
                .filter(it -> it.key().endsWith(SUFFIX))
                .sorted(Comparator.comparing(ListedObject::lastModified).reversed())
                .limit(MOST)
                .map(ListedObject::key)
                .toList();
    }

    /** Whether it is there. */
    private boolean read(String key, List<Proofs> all) {
        try {
            Optional<byte[]> bytes = WholeObject.read(store, key);
            if (bytes.isEmpty()) {
                return false;
            }
            Proofs proofs = PackedJson.unpack(bytes.get(), Proofs.class);
            if (proofs.format() > Proofs.FORMAT) {
                log.atWarn()
                        .addKeyValue("object", key)
                        .addKeyValue("format", proofs.format())
                        .log("what a newer version has proven is not known here");
                return true;
            }
            superseded.add(key);
            all.add(proofs);
        } catch (IOException | RepositoryException e) {
            log.atWarn()
                    .addKeyValue("object", key)
                    .setCause(e)
                    .log("what was proven before cannot be read, and is forgotten");
            superseded.add(key);
        }
        return true;
    }

    /** Writes what is known now in the place of what was read, or written, before. */
    void write(Proofs proofs) {
        String key = folder + UUID.randomUUID() + SUFFIX;
        store.putIfAbsent(key, Body.of(PackedJson.pack(proofs)), Metadata.NONE);
        List<String> old = List.copyOf(superseded);
        superseded.add(key);
        try {
            store.delete(old);
            superseded.removeAll(old);
        } catch (StoreException e) {
            // A bucket may refuse deletions: what stays there does no harm.
            log.atDebug().setCause(e).log("what was proven before cannot be deleted");
        }
    }
}
