package io.matriarch.archiver.retention;

import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The permission to delete. It is asked for again and again, since it may end in the middle. */
@FunctionalInterface
public interface Mandate {

    /**
     * Returns while it holds.
     *
     * @throws RepositoryException if it is over
     */
    void confirm();

    /**
     * The mandate of a primary: as long as its member holds the authority, and the repository knows
     * of no later epoch.
     *
     * @param holds what the member itself knows
     */
    static Mandate of(
            ObjectStore store, RepositoryLayout layout, WriterEpoch epoch, BooleanSupplier holds) {
        return () -> {
            if (!holds.getAsBoolean()) {
                throw over("epoch " + epoch + ": this member is the primary no longer");
            }
            String last = layout.epoch(epoch.value());
            List<ListedObject> marks = store.list(layout.epochFolder());
            for (ListedObject mark : marks) {
                if (mark.key().compareTo(last) > 0) {
                    throw over(
                            "epoch "
                                    + epoch
                                    + ": over, a later one has begun ("
                                    + mark.key()
                                    + ")");
                }
            }
        };
    }

    private static RepositoryException over(String what) {
        return new RepositoryException(
                what, "nothing more is deleted here; the new primary goes on with it");
    }
}
