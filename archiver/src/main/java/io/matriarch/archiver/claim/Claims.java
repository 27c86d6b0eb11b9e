package io.matriarch.archiver.claim;

import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Which cluster a store says that it belongs to. */
public final class Claims {

    private Claims() {}

    /** The claim that a store holds; empty if nothing was ever archived there. */
    public static Optional<Claim> read(ObjectStore store, RepositoryLayout layout) {
        Optional<InputStream> content = store.get(layout.claim());
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get()) {
            Claim claim = RepositoryJson.read(in.readAllBytes(), Claim.class, layout.claim());
            if (claim.format() > Claim.FORMAT) {
                throw new RepositoryException(
                        "repository format: "
                                + claim.format()
                                + " (expected: at most "
                                + Claim.FORMAT
                                + ")",
                        "it was written by a newer version; use that one");
            }
            return Optional.of(claim);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + layout.claim(), e);
        }
    }

    /**
     * Binds the repository to the claim's cluster, or finds that it is bound already, and finds out
     * whether the store honours conditional writes. To be called before anything is written; may be
     * repeated.
     *
     * @param store itself, not one that is cautious with it
     * @throws RepositoryException if the repository belongs to another
     */
    public static ConditionalWrites take(ObjectStore store, RepositoryLayout layout, Claim claim) {
        Body body = Body.of(RepositoryJson.write(claim));
        // The condition alone would let a claim be replaced where conditions are ignored.
        PutOutcome _ = new CautiousStore(store).putIfAbsent(layout.claim(), body, Metadata.NONE);
        requireSameOwner(store, layout, claim);
        return ConditionalWrites.probe(store, layout.claim());
    }

    private static void requireSameOwner(ObjectStore store, RepositoryLayout layout, Claim claim) {
        Claim holder =
                read(store, layout)
                        .orElseThrow(() ->
                                new RepositoryException(
                                        "claim: " + layout.claim() + " vanished",
                                        "somebody deletes objects of this repository"));
        if (!holder.isSameOwner(claim)) {
            throw new RepositoryException(
                    "repository: "
                            + layout.claim()
                            + " belongs to owner "
                            + holder.owner()
                            + " since "
                            + holder.created()
                            + " (expected: "
                            + claim.owner()
                            + ")",
                    "this is a copy of that cluster: give it a repository, or a prefix, of its own");
        }
    }
}
