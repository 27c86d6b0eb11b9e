package io.matriarch.cli.restore;

import io.matriarch.archiver.foreign.ForeignArchive;
import io.matriarch.archiver.foreign.ForeignLocation;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.restore.RepositorySource;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.Archive;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.access.RepositoryOptions;
import io.matriarch.cli.access.RepositoryOptions.Found;
import io.matriarch.cli.terminal.Terminal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a restore takes from: a repository, or what another archiver has left. */
final class SourceOptions {

    @Mixin private final RepositoryOptions repository;

    @Option(
            names = "--from",
            paramLabel = "URL",
            description = {
                "Restore from what WAL-G or WAL-E has left: wal-g://bucket/prefix[?endpoint=…] or",
                "wal-g:///directory. With a repository named too, WAL is taken from both."
            })
    private @Nullable String from;

    SourceOptions(ConfigurationReader reader) {
        this.repository = new RepositoryOptions(reader);
    }

    /** Opens it, and tells what a person should know. */
    Source open(Terminal terminal) throws InterruptedException {
        if (from == null) {
            Found found = repository.open();
            Archive archive = tell(found, terminal);
            return new OwnSource(found, new RepositorySource(archive.store(), archive.layout()));
        }
        ForeignLocation location = ForeignLocation.parse(from);
        if (!repository.isNamed()) {
            return foreign(location, null);
        }
        Found next = repository.open();
        boolean isOpen = false;
        try {
            tell(next, terminal);
            Source source = foreign(location, next);
            isOpen = true;
            return source;
        } finally {
            if (!isOpen) {
                next.close();
            }
        }
    }

    private Source foreign(ForeignLocation location, @Nullable Found next) {
        Optional<RepositorySource> own =
                Optional.ofNullable(next)
                        .map(Found::archive)
                        .map(archive -> new RepositorySource(archive.store(), archive.layout()));
        ObjectStore store = ObjectStore.open(StoreSettings.of(location.store()));
        boolean isOpen = false;
        try {
            ForeignArchive archive = new ForeignArchive(store, repository.system(), own);
            isOpen = true;
            return new ForeignSource(location, store, archive, Optional.ofNullable(next));
        } catch (RestoreException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED, location + ": " + e.getMessage(), e.hint(), e);
        } finally {
            if (!isOpen) {
                store.close();
            }
        }
    }

    private static Archive tell(Found found, Terminal terminal) {
        if (found.isSilent()) {
            terminal.tell(
                    "note: ZooKeeper does not answer, so the timeline is judged by the archive"
                            + " alone");
        }
        Archive archive = found.archive();
        archive.note().ifPresent(note -> terminal.tell("note: " + note));
        return archive;
    }
}
