package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DivergentWal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a member remembers about its data directory, outside of it; kept over a crash. */
public interface Marks {

    /**
     * Under which epoch this data directory last ran as a primary, or began to catch up with a
     * standby that could succeed the primary of that epoch, if nothing made it a plain standby
     * since. Either way it may have WAL that the cluster never heard of.
     */
    Optional<Epoch> reign();

    /**
     * The last timeline that the record knew in that reign. One with a higher number in this data
     * directory began in it and was never told: a successor's may bear the same number.
     */
    Optional<TimelineId> toldTimeline();

    void noteReign(Epoch epoch, TimelineId told);

    Repair repair();

    /** Notes what must be done before Postgres may run. */
    void noteRepair(Repair repair);

    /**
     * The last repair that came to its end.
     *
     * @param repair a directory that was built from the archive counts as brought back by a delta
     *     restore
     * @param epoch of the primary that was to be followed by it
     * @param forgotten where the log of that primary ended when the archive's was taken instead of
     *     what was there; absent if it was not
     */
    record Finished(Repair repair, Epoch epoch, @Nullable Lsn forgotten) {}

    /** Absent if the data directory has proven good since. */
    Optional<Finished> finished();

    /** Noted before the mark of the repair is taken away. */
    void noteFinished(Finished repair);

    /** The data directory has proven good: what was repaired last has helped. */
    void noteProven();

    /** The last repair that has ended and not yet been proven, while the same primary reigns. */
    default Repair unproven(Epoch epoch) {
        return finished()
                .filter(last -> last.epoch().equals(epoch))
                .map(Finished::repair)
                .orElse(Repair.NONE);
    }

    /** The data directory is that of a sound standby. */
    void noteStandby();

    /** Forgets a repair that turned out not to be needed, and nothing else. */
    void noteSound();

    /** Moves a data directory out of the way, and keeps it until a replacement is proven. */
    void setAside(Path dataDirectory);

    /**
     * Keeps the files that hold a divergence, and those that are not archived, before a rewind or a
     * replacement takes them away. Repeated, it changes nothing.
     *
     * @param epoch of the primary that is to be followed
     * @return where they lie; empty if there is nothing to keep
     */
    Optional<Path> keepWal(Epoch epoch, Path dataDirectory, DivergentWal wal);

    /** What was kept shares no file with the data directory from now on: that is written again. */
    void partKeptWal(Path dataDirectory);

    /**
     * What was set aside, and the oldest kept WAL if there is much of it: what may be removed once
     * a replacement streams.
     */
    List<Path> asides();

    /**
     * Removes these, and nothing that has been set aside since; in its own time. After a kill, and
     * after a removal that fails, {@link #asides} names what is left of them.
     */
    void remove(List<Path> asides) throws InterruptedException;
}
