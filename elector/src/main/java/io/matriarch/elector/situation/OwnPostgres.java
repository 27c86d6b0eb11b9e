package io.matriarch.elector.situation;

import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The member's own Postgres, as supervisor, data directory and SQL show it together. */
public sealed interface OwnPostgres {

    /** The supervisor does not answer, so nothing about Postgres is certain. */
    record Unclear(String why) implements OwnPostgres {}

    /**
     * No server runs, and there is something in the data directory that is not a cluster, and not
     * our work either; or it cannot be read.
     */
    record Unusable(String why) implements OwnPostgres {}

    /**
     * No server runs, and there is no data directory, or only what an act of ours left half done.
     */
    record Absent() implements OwnPostgres {}

    /**
     * No server runs, and none could: a delta restore over the data directory has begun, and has
     * not come to its seal.
     */
    record Unsealed() implements OwnPostgres {}

    /**
     * No process of Postgres lives: proven by the lock.
     *
     * @param crash what is known of the crash of a primary; absent if it did not crash, or not
     *     under these eyes
     * @param permitted the highest epoch of which a lease has lain on this very host: what the data
     *     directory says of a reign, a copy of it says on another host too
     */
    record Stopped(Data data, Cause cause, @Nullable Crash crash, Epoch permitted)
            implements OwnPostgres {

        public Stopped(Data data, Cause cause) {
            this(data, cause, null);
        }

        /** On the host of the reign that the data directory tells. */
        public Stopped(Data data, Cause cause, @Nullable Crash crash) {
            this(data, cause, crash, Objects.requireNonNullElse(data.reign(), Epoch.NONE));
        }
    }

    /**
     * @param toReplay bytes of WAL between where crash recovery begins and the last position seen
     * @param sinceLast how long before this crash the last one was; absent if there was none
     * @param ago how long ago the server was found dead
     */
    record Crash(long toReplay, @Nullable Duration sinceLast, Duration ago) {
        public Crash(long toReplay, @Nullable Duration sinceLast) {
            this(toReplay, sinceLast, Duration.ZERO);
        }
    }

    /**
     * It runs as asked and does not answer SQL: starting, recovering, or stuck.
     *
     * @param recoveringFor how long ago the primary crashed that has not answered since; absent if
     *     that is not known
     * @param silentFor how long nothing has been heard of it, zero if the last answer was an error;
     *     absent if it has not answered since it was started
     */
    record Starting(
            boolean asPrimary,
            Data data,
            BootTime since,
            @Nullable Duration recoveringFor,
            @Nullable Duration silentFor)
            implements OwnPostgres {
        public Starting(boolean asPrimary, Data data, BootTime since) {
            this(asPrimary, data, since, null, null);
        }

        /** What it does, in words. */
        public String inWords() {
            if (silentFor == null) {
                return "Postgres is starting";
            }
            return silentFor.isZero()
                    ? "Postgres answers with nothing but an error"
                    : "Postgres has not answered for " + silentFor.toSeconds() + " s";
        }
    }

    /** It is on its way down; {@code data} is the control file's account of it. */
    record Stopping(Data data, BootTime since) implements OwnPostgres {}

    /**
     * In recovery.
     *
     * @param history of the timeline that it is on
     * @param following where its configuration makes it stream from; absent if nowhere
     * @param stalledFor how long it has neither streamed nor moved forward, with the sources of WAL
     *     that it has now
     * @param reign under which epoch its data directory last ran as a primary, or began to catch up
     *     with another standby, if nothing has made it a plain standby since
     * @param streamingFor how long each look has found it streaming
     * @param isColdStarted it had not run since its supervisor started, then was started under
     *     these eyes, and has not streamed from a primary since: so its host was just started, and
     *     perhaps all of them
     * @param forgotten the end of what it may have confirmed before its data directory was brought
     *     back from the archive; absent if nothing of that can be missing
     */
    record Standby(
            ServerStatus status,
            TimelineHistory history,
            @Nullable Endpoint following,
            Duration stalledFor,
            @Nullable Epoch reign,
            Duration streamingFor,
            boolean isColdStarted,
            @Nullable Lsn forgotten)
            implements OwnPostgres {

        /** Longer than a receiver lives that is refused. */
        private static final Duration PROOF = Duration.ofSeconds(1);

        public Standby(
                ServerStatus status,
                TimelineHistory history,
                @Nullable Endpoint following,
                Duration stalledFor,
                @Nullable Epoch reign) {
            this(status, history, following, stalledFor, reign, Duration.ZERO, false, null);
        }

        /**
         * Whether it surely streams. PostgreSQL shows a receiver as streaming as soon as it has
         * connected, also one whose WAL the primary has not got, which is refused a moment later,
         * again and again.
         */
        public static boolean isSurelyStreaming(Duration streamingFor) {
            return streamingFor.compareTo(PROOF) >= 0;
        }

        /** Whether it follows a primary, and surely streams from it. */
        public boolean isSurelyFollowing() {
            return following != null && !isCatchingUp() && isSurelyStreaming(streamingFor);
        }

        /** Whether its data directory has proven good. */
        public boolean isProven() {
            return isSurelyFollowing() && !mayHaveForgotten();
        }

        /** Whether it may lack what it has confirmed. */
        public boolean mayHaveForgotten() {
            return forgotten != null && position().isBefore(forgotten);
        }

        /**
         * Whether it streams, or tries to, from a standby that may become the primary of an epoch
         * that nobody has told. A former primary follows nobody before its marks are gone.
         */
        public boolean isCatchingUp() {
            return reign != null && following != null;
        }

        /** The end of the log that it has. */
        public Lsn position() {
            return Lsn.max(status.written(), status.replayed());
        }
    }

    /** Out of recovery: it takes writes. */
    record Primary(ServerStatus status, Replication replication) implements OwnPostgres {}

    /**
     * What a primary knows of its standbys.
     *
     * @param attached standbys that stream, or did until a moment ago
     * @param barrier the end of the log some time after {@code synchronous_standby_names} last
     *     changed; absent until the change is certain to have reached every process
     * @param recovered where the log ended when this server was first seen after it was restarted
     *     in place; absent if it was promoted, for whoever succeeds it must have reached that place
     */
    record Replication(Set<MemberName> attached, @Nullable Lsn barrier, @Nullable Lsn recovered) {
        public Replication(Set<MemberName> attached, @Nullable Lsn barrier) {
            this(attached, barrier, null);
        }

        public Replication {
            attached = Set.copyOf(attached);
        }
    }

    /** Why it stopped. */
    enum Cause {
        /** It has not run since the supervisor started. */
        NOT_STARTED,
        DESIRED,
        CRASHED,
        FENCED,
        FAILED
    }

    /**
     * What must be done to a data directory before it may run again, in the order in which it is
     * tried.
     */
    enum Repair {
        NONE,
        /** It may have WAL that the cluster's lineage does not have, or it stands still. */
        REWIND,
        /**
         * A rewind of it is impossible, began and did not end, or did not help; or a delta restore
         * did not end. The archive may still bring it back.
         */
        DELTA,
        /** It is incomplete: an initdb or a clone began and did not end, or nothing else helped. */
        REPLACE;

        /** What is to be done where this one failed, or has ended and not helped. */
        public Repair next() {
            return switch (this) {
                case NONE -> REWIND;
                case REWIND -> DELTA;
                case DELTA, REPLACE -> REPLACE;
            };
        }
    }

    /**
     * What a data directory says by itself.
     *
     * @param isCleanlyShutDown the last thing in its log is a shutdown checkpoint
     * @param end the end of that checkpoint; not the end of the log unless cleanly shut down
     * @param reign under which epoch it last ran as a primary, if nothing has made it a standby
     *     since
     */
    record Data(
            SystemIdentifier systemIdentifier,
            TimelineId timeline,
            boolean isCleanlyShutDown,
            Lsn end,
            @Nullable Epoch reign,
            Repair repair) {}
}
