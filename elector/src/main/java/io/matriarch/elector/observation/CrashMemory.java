package io.matriarch.elector.observation;

import io.matriarch.elector.situation.OwnPostgres.Crash;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What this process remembers of the own primary when that has crashed. */
public final class CrashMemory {

    private @Nullable Lsn lastWritten;
    private BootTime seenAt = BootTime.ZERO;
    private @Nullable BootTime crashedAt;
    private @Nullable Duration crashedAfter;

    public void sawPrimary(Lsn written, BootTime now) {
        lastWritten = written;
        seenAt = now;
    }

    /** The server is a standby now: what it was as a primary is history. */
    public void sawNoPrimary() {
        lastWritten = null;
    }

    /**
     * @param redo where crash recovery would begin
     * @param stoppedAt when the server was found dead, by which one crash is told from another
     * @return absent if the server was not seen as a primary
     */
    public @Nullable Crash crash(Lsn redo, BootTime stoppedAt, BootTime now) {
        Lsn end = lastWritten;
        if (end == null) {
            return null;
        }
        if (!stoppedAt.equals(crashedAt)) {
            crashedAfter = crashedAt == null ? null : stoppedAt.since(crashedAt);
            crashedAt = stoppedAt;
        }
        return new Crash(end.beyond(redo), crashedAfter, now.since(stoppedAt));
    }

    /** How long ago the primary crashed that has not answered since. */
    public @Nullable Duration recoveringFor(BootTime now) {
        BootTime crash = crashedAt;
        return crash == null || lastWritten == null || seenAt.isAfter(crash)
                ? null
                : now.since(crash);
    }
}
