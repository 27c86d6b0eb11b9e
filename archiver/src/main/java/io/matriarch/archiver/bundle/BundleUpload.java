package io.matriarch.archiver.bundle;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts bundles into a backup's folder. Files change while they are read, so a second try has other
 * bytes than the first, and the first may have arrived although its answer was lost: every try gets
 * a name of its own. Objects of failed tries are not named by {@code backup.json} and are removed
 * with other garbage. Several threads may upload.
 */
public final class BundleUpload {

    private static final int TRIES = 3;

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final BackupId backup;
    private final AtomicInteger next;

    /**
     * @param first a number above those of all bundles in the backup's folder
     */
    public BundleUpload(ObjectStore store, RepositoryLayout layout, BackupId backup, int first) {
        this.next = new AtomicInteger(first);
        this.store = store;
        this.layout = layout;
        this.backup = backup;
    }

    /** For whom bundles are to be encrypted. */
    public Keyring keyring() {
        return store.keyring();
    }

    /** A bundle that the store has confirmed. */
    public record Stored(
            BackupObject object,
            List<ManifestEntry> entries,
            List<PageVerification.Suspect> suspects) {}

    /** A bundle that is to be stored. */
    public interface Bundle extends Body {

        /** What the last writing has put into it; only after that. */
        BundleContent content();

        @Override
        default long length() {
            return -1;
        }
    }

    /**
     * Uploads a bundle.
     *
     * @throws java.io.UncheckedIOException if its files cannot be read
     */
    public Stored upload(Bundle bundle) {
        for (int i = 1; ; i++) {
            try {
                return uploadOnce(bundle);
            } catch (StoreException e) {
                if (!e.isTransient() || i == TRIES) {
                    throw e;
                }
            }
        }
    }

    private Stored uploadOnce(Bundle bundle) {
        int number = next.getAndIncrement();
        PutOutcome outcome =
                store.putIfAbsent(
                        layout.bundle(backup, number), bundle, Metadata.encryptedWith(keyring()));
        return switch (outcome) {
            case PutOutcome.Stored _ -> {
                BundleContent content = bundle.content();
                String name = RepositoryLayout.bundleName(number);
                List<ManifestEntry> entries = new ArrayList<>();
                content.entries().forEach(entry -> entries.add(entry.in(name)));
                yield new Stored(
                        new BackupObject(name, content.size(), content.sha256()),
                        entries,
                        content.suspects());
            }
            // The name is ours alone: an earlier call of the store's own has arrived after all.
            case PutOutcome.AlreadyThere(var existing) ->
                    throw new StoreException(
                            "object exists: " + existing.key() + " (expected: a new name)",
                            "the answer to an upload was lost; it is tried again",
                            true,
                            null);
        };
    }
}
