package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member's final position in an election, written after its WAL receiver has stopped.
 *
 * @param epoch the epoch that is being filled
 * @param timeline the timeline of the last WAL it has
 * @param received the end of that WAL
 * @param priority a higher one wins among equals
 * @param concession how far it gives way to who is preferred; absent if it does not, or is too old
 * @param caughtUpWith the standby from which it has fetched what it lacked; absent if from none
 * @param mostLoss how many bytes it may lack of what the last primary told, where nobody shares
 *     commits; absent if it is too old to care
 * @param replayed how far it has replayed that WAL; absent if it is too old to tell
 */
public record Ballot(
        MemberName member,
        Epoch epoch,
        TimelineId timeline,
        Lsn received,
        int priority,
        @Nullable Concession concession,
        @Nullable MemberName caughtUpWith,
        @Nullable Long mostLoss,
        @Nullable Lsn replayed) {

    /** What is replayed within a fraction of a second makes nobody the better one. */
    private static final long MUCH = 16 << 20;

    public Ballot {
        Objects.requireNonNull(member, "member");
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(timeline, "timeline");
        Objects.requireNonNull(received, "received");
    }

    /** Of a member that would succeed with any loss. */
    public Ballot(
            MemberName member,
            Epoch epoch,
            TimelineId timeline,
            Lsn received,
            int priority,
            @Nullable Concession concession,
            @Nullable MemberName caughtUpWith) {
        this(member, epoch, timeline, received, priority, concession, caughtUpWith, null, null);
    }

    /** How much it has yet to replay before it can take writes, in units of 16 MB. */
    public long backlog() {
        return replayed == null ? 0 : received.beyond(replayed) / MUCH;
    }

    /**
     * What the healthiest grants to a member of a higher priority that has less than itself.
     *
     * @param bytes how much that one may lack
     * @param millis how long it is waited for
     */
    public record Concession(long bytes, long millis) {

        private static final long LONGEST = 30_000;

        public static final Concession NONE = new Concession(0, 0);
        public static final Concession DEFAULT = new Concession(16 << 20, 2_000);

        public Concession {
            if (bytes < 0) {
                throw new IllegalArgumentException(
                        "election.give-way: " + bytes + " (expected: 0 or more bytes)");
            }
            if (millis < 0 || millis > LONGEST) {
                throw new IllegalArgumentException(
                        "election.give-way-patience: " + millis + " ms (expected: 0s to 30s)");
            }
        }

        public boolean isNone() {
            return bytes == 0 || millis == 0;
        }

        public Duration patience() {
            return Duration.ofMillis(millis);
        }

        /** What both grant. */
        public Concession and(Concession other) {
            return new Concession(Math.min(bytes, other.bytes), Math.min(millis, other.millis));
        }
    }
}
