package io.matriarch.cli.restore;

import io.matriarch.archiver.drill.DrillStore;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.restore.RepositorySource;
import io.matriarch.archiver.restore.RestoreSource;
import io.matriarch.cli.access.RepositoryOptions.Found;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.postgres.SystemIdentifier;
import java.util.List;
import java.util.Optional;

/** A repository of our own. */
record OwnSource(Found found, RepositorySource repository) implements Source {

    @Override
    public String location() {
        return found.archive().location().toString();
    }

    @Override
    public String cluster() {
        return repository.layout().cluster().value();
    }

    @Override
    public SystemIdentifier systemIdentifier() {
        return repository.layout().systemIdentifier();
    }

    @Override
    public ArchiveFacts listing() {
        return ArchiveSurvey.forListing(repository.store(), repository.layout(), found.committed());
    }

    @Override
    public ArchiveFacts facts() {
        return ArchiveSurvey.forRestore(repository.store(), repository.layout(), found.committed());
    }

    @Override
    public RestoreSource archive() {
        return repository;
    }

    @Override
    public Optional<LastDrill> lastDrill() {
        return new DrillStore(repository.store(), repository.layout()).last().map(LastDrill::of);
    }

    /** All of it was proven on the way. */
    @Override
    public List<String> afterwards() {
        return List.of();
    }

    @Override
    public void close() {
        found.close();
    }
}
