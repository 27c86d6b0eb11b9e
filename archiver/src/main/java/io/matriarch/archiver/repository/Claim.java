package io.matriarch.archiver.repository;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ConditionalWrites;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;

/**
 * The content of {@code claim.json}: which cluster a part of the repository belongs to. It is
 * created once and never changed, so a copy of a cluster cannot write into the archive of the one
 * that it was copied from.
 *
 * @param owner tells copies of a cluster apart, which share name and system identifier: made once
 *     when the cluster was, and kept where no copy of its data takes it along
 */
public record Claim(
        int format,
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        String owner,
        WalSegmentSize walSegmentSize,
        Instant created) {

    public static final int FORMAT = 1;

    public Claim {
        if (format < 1 || owner.isBlank()) {
            throw new IllegalArgumentException(
                    "claim: format " + format + ", owner " + owner + " (expected: 1, not blank)");
        }
    }

    public static Claim of(
            RepositoryLayout layout, String owner, WalSegmentSize walSegmentSize, Instant created) {
        return new Claim(
                FORMAT,
                layout.cluster(),
                layout.systemIdentifier(),
                owner,
                walSegmentSize,
                created);
    }

    /** Whether both bind to the same cluster; the time of creation does not matter. */
    public boolean isSameOwner(Claim other) {
        return cluster.equals(other.cluster)
                && systemIdentifier.equals(other.systemIdentifier)
                && owner.equals(other.owner);
    }

    /** The claim that a store holds; empty if nothing was ever archived there. */
    public static Optional<Claim> read(ObjectStore store, RepositoryLayout layout) {
        Optional<InputStream> content = store.get(layout.claim());
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get()) {
            Claim claim = RepositoryJson.read(in.readAllBytes(), Claim.class, layout.claim());
            if (claim.format > FORMAT) {
                throw new RepositoryException(
                        "repository format: "
                                + claim.format
                                + " (expected: at most "
                                + FORMAT
                                + ")",
                        "it was written by a newer version; use that one");
            }
            return Optional.of(claim);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Binds the repository to this cluster, or finds that it is bound already, and finds out
     * whether the store honours conditional writes. To be called before anything is written; may be
     * repeated.
     *
     * @throws RepositoryException if the repository belongs to another
     */
    public ConditionalWrites take(ObjectStore store, RepositoryLayout layout) {
        Body body = Body.of(RepositoryJson.write(this));
        switch (store.putIfAbsent(layout.claim(), body, Metadata.NONE)) {
            case PutOutcome.Stored() -> {}
            case PutOutcome.AlreadyThere(var _) -> compare(store, layout);
        }
        return ConditionalWrites.probe(store, layout.claim());
    }

    private void compare(ObjectStore store, RepositoryLayout layout) {
        Claim holder =
                read(store, layout)
                        .orElseThrow(() ->
                                new RepositoryException(
                                        "claim: " + layout.claim() + " vanished",
                                        "somebody deletes objects of this repository"));
        if (!holder.isSameOwner(this)) {
            throw new RepositoryException(
                    "repository: "
                            + layout.claim()
                            + " belongs to owner "
                            + holder.owner
                            + " since "
                            + holder.created
                            + " (expected: "
                            + owner
                            + ")",
                    "this is a copy of that cluster: give it a repository, or a prefix, of its own");
        }
    }
}
