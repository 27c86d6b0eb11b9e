package io.matriarch.elector.simulation.model;

import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A data directory. What is in it is on the disk: it survives every crash. */
public final class Data {

    /** Where the log of a new database ends. */
    static final long FIRST_END = 0x1000000;

    private static final long CHECKPOINT_BYTES = 114;

    final SystemIdentifier system;

    /** The newest line of history that it knows, and the end of the log that it has of it. */
    Branch branch;

    long end;

    /** What lies before is neither here nor in the archive any more. */
    long goneBefore;

    ControlFile.State state;
    long checkpoint;
    TimelineId checkpointTimeline;

    boolean hasStandbySignal;
    OwnFiles.Role configured = new OwnFiles.Role(null, false, SynchronousSet.NONE);

    /** A program that makes or replaces it has begun, and not ended. */
    boolean isTorn;

    boolean isHidden;

    /** A delta restore has begun, and not come to its seal: there is no control file. */
    boolean isUnsealed;

    Data(SystemIdentifier system, Branch branch, long end) {
        this.system = system;
        this.branch = branch;
        this.end = end;
        this.state = ControlFile.State.SHUT_DOWN;
        this.checkpoint = end - CHECKPOINT_BYTES;
        this.checkpointTimeline = branch.timeline();
    }

    public SystemIdentifier system() {
        return system;
    }

    public Branch branch() {
        return branch;
    }

    public long end() {
        return end;
    }

    public boolean isTorn() {
        return isTorn;
    }

    /** The timeline of the last byte of its log. */
    TimelineId timeline() {
        return branch.at(end).timeline();
    }

    /** Whether it was a standby's when its server last ran. */
    boolean wasInRecovery() {
        return state == ControlFile.State.IN_ARCHIVE_RECOVERY
                || state == ControlFile.State.SHUT_DOWN_IN_RECOVERY;
    }

    /** Everything is written, and this is the last record. */
    void shutDown() {
        state = ControlFile.State.SHUT_DOWN;
        checkpoint = end;
        end += CHECKPOINT_BYTES;
        checkpointTimeline = timeline();
    }

    void checkpointed() {
        checkpoint = end;
        checkpointTimeline = timeline();
    }

    ControlFile controlFile() {
        if (isHidden) {
            throw new UncheckedIOException(new AccessDeniedException("global/pg_control"));
        }
        return new ControlFile(
                system,
                1300,
                202209061,
                state,
                Instant.EPOCH,
                new Lsn(checkpoint),
                new Lsn(checkpoint),
                checkpointTimeline,
                Lsn.ZERO,
                0,
                WalSegmentSize.DEFAULT,
                new ControlFile.HintBits(true, true));
    }

    /** Becomes what {@code other} is at this moment. */
    void take(Data other) {
        branch = other.branch;
        end = other.end;
        goneBefore = other.goneBefore;
        state = ControlFile.State.IN_ARCHIVE_RECOVERY;
        checkpoint = other.checkpoint;
        checkpointTimeline = other.checkpointTimeline;
    }

    /** What this one was when its log ended at {@code position}. */
    Data at(long position) {
        return new Data(system, branch.at(position), position);
    }

    /** The oldest base backup of the cluster whose history this one knows. */
    Data base() {
        return new Data(system, existing(branch.byNumber(TimelineId.FIRST)), FIRST_END);
    }

    private static Branch existing(@Nullable Branch branch) {
        if (branch == null) {
            throw new IllegalStateException("a line of history without a beginning");
        }
        return branch;
    }

    @Override
    public String toString() {
        return "timeline " + timeline() + " to " + new Lsn(end) + (isTorn ? ", torn" : "");
    }
}
