package io.matriarch.elector.observation;

import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.sql.ServerException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a server that has answered has not been heard of. */
public final class Silence {

    /** Longer than a look takes; who did not look meanwhile may have missed an answer. */
    private static final Duration LONGEST_GAP = Duration.ofSeconds(10);

    private boolean hasAnswered;
    private @Nullable BootTime since;
    private BootTime lastLook = BootTime.ZERO;

    /** The server has given what it was asked for. */
    public void answered() {
        hasAnswered = true;
        since = null;
    }

    /** Whatever runs next has not answered yet. */
    public void end() {
        hasAnswered = false;
        since = null;
    }

    /**
     * A look has got no answer, or an error.
     *
     * @param asked when it began
     * @param now when it ended
     * @return how long nothing has been heard, zero after an error; absent of a server that has
     *     never answered
     */
    public @Nullable Duration goesOn(ServerException what, BootTime asked, BootTime now) {
        BootTime begin = since;
        if (!what.isSilence()) {
            begin = null;
        } else if (begin == null || now.since(lastLook).compareTo(LONGEST_GAP) > 0) {
            begin = asked;
        }
        since = begin;
        lastLook = now;
        if (!hasAnswered) {
            return null;
        }
        return begin == null ? Duration.ZERO : now.since(begin);
    }
}
