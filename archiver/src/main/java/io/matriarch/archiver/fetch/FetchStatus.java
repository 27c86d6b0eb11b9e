package io.matriarch.archiver.fetch;

import java.time.Instant;
import java.util.Optional;

/**
 * How fetching goes.
 *
 * @param last the file that was fetched last
 * @param at when that was
 * @param problem the trouble met last; empty once something was fetched, or found absent, again
 */
public record FetchStatus(Optional<String> last, Optional<Instant> at, Optional<String> problem) {

    static final FetchStatus BEGINNING =
            new FetchStatus(Optional.empty(), Optional.empty(), Optional.empty());
}
