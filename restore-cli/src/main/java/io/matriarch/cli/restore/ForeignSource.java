package io.matriarch.cli.restore;

import io.matriarch.archiver.foreign.ForeignArchive;
import io.matriarch.archiver.foreign.ForeignLocation;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.RepositoryOptions.Found;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.postgres.SystemIdentifier;
import java.util.List;
import java.util.Optional;

/**
 * What WAL-E or WAL-G has left.
 *
 * @param next the repository that the cluster archives into since it went over
 */
record ForeignSource(
        ForeignLocation where, ObjectStore store, ForeignArchive archive, Optional<Found> next)
        implements Source {

    @Override
    public String location() {
        return where.toString();
    }

    /** The old tools know none; the prefix is all there is. */
    @Override
    public String cluster() {
        return next.map(found -> found.archive().layout().cluster().value())
                .orElse("of " + where.tool());
    }

    @Override
    public SystemIdentifier systemIdentifier() {
        return archive.systemIdentifier();
    }

    @Override
    public ArchiveFacts listing() {
        return facts();
    }

    @Override
    public ArchiveFacts facts() {
        try {
            return archive.facts(next.flatMap(Found::committed));
        } catch (RestoreException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED, where + ": " + e.getMessage(), e.hint(), e);
        }
    }

    /** Drills are of repositories of our own. */
    @Override
    public Optional<LastDrill> lastDrill() {
        return Optional.empty();
    }

    @Override
    public List<String> afterwards() {
        return List.of(
                "WAL-E and WAL-G keep no checksum of a file: that these are as they were is proven"
                        + " by nothing so far. Check them with pg_amcheck, and take a base backup"
                        + " of your own");
    }

    @Override
    public void close() {
        store.close();
        next.ifPresent(Found::close);
    }
}
