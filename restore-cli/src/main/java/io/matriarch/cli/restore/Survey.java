package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.cli.access.Archive;
import io.matriarch.cli.access.RepositoryOptions;
import io.matriarch.cli.terminal.Terminal;

/** Looks at the repository that the options name. */
final class Survey {

    private Survey() {}

    static Contents contents(RepositoryOptions options, Terminal terminal)
            throws InterruptedException {
        try (RepositoryOptions.Found found = options.open()) {
            Archive archive = found.archive();
            return Contents.of(archive.location(), archive.layout(), listing(found, terminal));
        }
    }

    /** To tell what can be restored: what cannot be used is told with it. */
    static ArchiveFacts listing(RepositoryOptions.Found found, Terminal terminal) {
        Archive archive = open(found, terminal);
        ArchiveFacts facts =
                ArchiveSurvey.forListing(archive.store(), archive.layout(), found.committed());
        facts.damaged().forEach(damage -> terminal.tell("note: " + damage));
        return facts;
    }

    /** To plan a restore. */
    static ArchiveFacts facts(RepositoryOptions.Found found, Terminal terminal) {
        Archive archive = open(found, terminal);
        return ArchiveSurvey.forRestore(archive.store(), archive.layout(), found.committed());
    }

    private static Archive open(RepositoryOptions.Found found, Terminal terminal) {
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
