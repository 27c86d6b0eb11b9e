package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.cli.terminal.Terminal;

/** Looks at the repository that the options name. */
final class Survey {

    private Survey() {}

    static Contents contents(SourceOptions options, Terminal terminal) throws InterruptedException {
        try (Source source = options.open(terminal)) {
            return Contents.of(source, listing(source, terminal));
        }
    }

    /** To tell what can be restored: what cannot be used is told with it. */
    static ArchiveFacts listing(Source source, Terminal terminal) {
        ArchiveFacts facts = source.listing();
        facts.damaged().forEach(damage -> terminal.tell("note: " + damage));
        return facts;
    }
}
