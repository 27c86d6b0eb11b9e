package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.restore.RestoreSource;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.postgres.SystemIdentifier;
import java.util.List;
import java.util.Optional;

/** What was opened to restore from. */
interface Source extends AutoCloseable {

    /** Its URL. */
    String location();

    /** Whose it is, as far as it has a name. */
    String cluster();

    SystemIdentifier systemIdentifier();

    /** To tell what can be restored: what cannot be used is told with it. */
    ArchiveFacts listing();

    /** To plan a restore. */
    ArchiveFacts facts();

    /** To carry a plan out. */
    RestoreSource archive();

    /** The last drill of it; empty if there was none. */
    Optional<LastDrill> lastDrill();

    /** What a person should do when it is restored. */
    List<String> afterwards();

    @Override
    void close();
}
