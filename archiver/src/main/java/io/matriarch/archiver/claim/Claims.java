package io.matriarch.archiver.claim;

import io.matriarch.archiver.catalogue.WholeObject;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.NewerFormatException;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import java.util.Optional;

/** Which cluster a store says that it belongs to. */
public final class Claims {

    private Claims() {}

    /**
     * The claim that a store holds; empty if nothing was ever archived there.
     *
     * @throws RepositoryException if it cannot be read, is damaged, or of a newer format
     */
    public static Optional<Claim> read(ObjectStore store, RepositoryLayout layout) {
        Optional<byte[]> bytes = WholeObject.read(store, layout.claim());
        bytes.ifPresent(it -> RepositoryJson.requireFormat(it, Claim.FORMAT, layout.claim()));
        return bytes.map(it -> RepositoryJson.read(it, Claim.class, layout.claim()));
    }

    /**
     * Looks whether an archive may be read as that of {@code layout}. What is needed to read it is
     * not in the claim, so that one is lost or damaged does not keep anybody from a restore.
     *
     * @return what a person should know
     * @throws RepositoryException if it is of a newer format, or another cluster's
     */
    public static Optional<String> checkForReading(ObjectStore store, RepositoryLayout layout) {
        Optional<Claim> claim;
        try {
            claim = read(store, layout);
        } catch (NewerFormatException newer) {
            throw newer;
        } catch (RepositoryException e) {
            return Optional.of("whose archive this is cannot be told: " + e.getMessage());
        }
        if (claim.isEmpty()) {
            return Optional.of(
                    "whose archive this is cannot be told: object " + layout.claim() + ": missing");
        }
        boolean isOurs =
                claim.get().cluster().equals(layout.cluster())
                        && claim.get().systemIdentifier().equals(layout.systemIdentifier());
        if (!isOurs) {
            throw new RepositoryException(
                    "object "
                            + layout.claim()
                            + ": binds this archive to cluster "
                            + claim.get().cluster()
                            + ", system "
                            + claim.get().systemIdentifier()
                            + " (expected: "
                            + layout.cluster()
                            + ", "
                            + layout.systemIdentifier()
                            + ")",
                    "somebody has copied objects between folders; move them back");
        }
        return Optional.empty();
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
