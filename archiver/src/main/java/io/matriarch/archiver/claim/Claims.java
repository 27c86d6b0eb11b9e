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
import java.util.function.Consumer;

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
        return check(store, layout, claim -> requireSameCluster(layout, claim));
    }

    /**
     * Looks whether an archive is a cluster's own: to be called by whoever adds to it, or to the
     * cluster from it. From the moment on when a copy of the cluster was made, the two have
     * different WAL under the same names.
     *
     * @param owner the cluster's name for itself, see {@link Claim}
     * @return why it cannot be told
     * @throws RepositoryException if it is of a newer format, or another's
     */
    public static Optional<String> checkOwner(
            ObjectStore store, RepositoryLayout layout, String owner) {
        return check(
                store,
                layout,
                claim -> {
                    requireSameCluster(layout, claim);
                    requireSameOwner(layout, claim, owner);
                });
    }

    private static Optional<String> check(
            ObjectStore store, RepositoryLayout layout, Consumer<Claim> requirement) {
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
        requirement.accept(claim.get());
        return Optional.empty();
    }

    private static void requireSameCluster(RepositoryLayout layout, Claim claim) {
        boolean isOurs =
                claim.cluster().equals(layout.cluster())
                        && claim.systemIdentifier().equals(layout.systemIdentifier());
        if (!isOurs) {
            throw new RepositoryException(
                    layout.claim(),
                    "binds this archive to cluster "
                            + claim.cluster()
                            + ", system "
                            + claim.systemIdentifier()
                            + " (expected: "
                            + layout.cluster()
                            + ", "
                            + layout.systemIdentifier()
                            + ")",
                    "somebody has copied objects between folders; move them back",
                    null);
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
        requireSame(store, layout, claim);
        return ConditionalWrites.probe(store, layout.claim());
    }

    private static void requireSame(ObjectStore store, RepositoryLayout layout, Claim claim) {
        Claim holder =
                read(store, layout)
                        .orElseThrow(() ->
                                new RepositoryException(
                                        "claim: " + layout.claim() + " vanished",
                                        "somebody deletes objects of this repository"));
        requireSameCluster(layout, holder);
        requireSameOwner(layout, holder, claim.owner());
    }

    private static void requireSameOwner(RepositoryLayout layout, Claim holder, String owner) {
        if (!holder.owner().equals(owner)) {
            throw new RepositoryException(
                    "repository: "
                            + layout.claim()
                            + " belongs to owner "
                            + holder.owner()
                            + " since "
                            + holder.created()
                            + " (expected: "
                            + owner
                            + ")",
                    "this is a copy of that cluster: give it a repository, or a prefix, of its own");
        }
    }
}
