package io.matriarch.elector.situation;

import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a member knows at one moment. Decisions are made from this and from nothing else.
 *
 * @param view absent until ZooKeeper has been read for the first time
 * @param reign absent unless this process holds the authority
 * @param election present while the place of the primary is vacant, as this member sees it
 * @param vouching what failsafe has to do with it
 * @param handover present while a planned switchover is under way here
 */
public record Situation(
        BootTime now,
        Settings settings,
        Identity identity,
        OwnPostgres postgres,
        @Nullable ClusterView view,
        @Nullable Reign reign,
        @Nullable Election election,
        @Nullable Handover handover,
        Requests requests,
        Vouching vouching) {

    /** Who this member is: its name, and the incarnation kept beside its data directory. */
    public record Identity(MemberName name, String incarnation, Endpoint postgres) {}

    /**
     * @param vacantFor how long this member has seen the place vacant
     * @param votedFor how long ago it cast its ballot; absent if it has not
     * @param lastVotedFor how long ago it cast its last; the same, unless it has caught up
     * @param knownFor how long this member has known of a ballot of each of the others
     */
    public record Election(
            Duration vacantFor,
            @Nullable Duration votedFor,
            @Nullable Duration lastVotedFor,
            Map<MemberName, Duration> knownFor) {

        public Election {
            knownFor = Map.copyOf(knownFor);
        }

        public Election(Duration vacantFor, @Nullable Duration votedFor) {
            this(vacantFor, votedFor, votedFor, Map.of());
        }

        /** For how long it has voted, and known that these have too. */
        public Duration together(MemberName... others) {
            Duration shortest = votedFor == null ? Duration.ZERO : votedFor;
            for (MemberName other : others) {
                Duration known = knownFor.getOrDefault(other, shortest);
                shortest = known.compareTo(shortest) < 0 ? known : shortest;
            }
            return shortest;
        }
    }

    /**
     * @param request the id of the operator's request
     * @param since when clients were asked to wait
     * @param clients how they stand; absent while that is not known
     */
    public record Handover(
            String request, MemberName successor, BootTime since, @Nullable Clients clients) {

        public Handover(String request, MemberName successor, BootTime since) {
            this(request, successor, since, null);
        }

        /** The same, with what is known of the clients now. */
        public Handover seeing(Clients now) {
            return new Handover(request, successor, since, now);
        }
    }

    /**
     * The clients of a primary that hands over.
     *
     * @param undrained ambassadors that have not said yet that all of their sessions may end
     * @param inTransaction sessions inside a transaction, whichever way they have come
     */
    public record Clients(int undrained, int inTransaction) {

        public static final Clients DONE = new Clients(0, 0);

        public boolean areDone() {
            return undrained == 0 && inTransaction == 0;
        }
    }

    /**
     * A promise not to take the authority, given to the primary of an epoch.
     *
     * @param until when it ends by itself
     */
    public record Vow(Epoch epoch, MemberName primary, BootTime until) {}

    /**
     * @param vow the vow that binds this member now; absent if none does
     * @param mayTakeFrom what an earlier life of this sidecar may have vowed has ended then
     * @param departed members whose presence has been gone for long
     * @param isElectorateCertain whether the electorate in force is known, and the set promised; it
     *     is not after a write that was not answered
     * @param isUpheldByVows the authority held here rests on the vows of the others, for ZooKeeper
     *     is late or gone
     * @param promised each of the synchronous sets that the record may promise by now, whatever the
     *     view still shows; empty for asynchronous mode
     */
    public record Vouching(
            @Nullable Vow vow,
            BootTime mayTakeFrom,
            Set<MemberName> departed,
            boolean isElectorateCertain,
            boolean isUpheldByVows,
            Set<Optional<SynchronousSet>> promised) {

        public static final Vouching NONE =
                new Vouching(null, BootTime.ZERO, Set.of(), true, false);

        public Vouching {
            departed = Set.copyOf(departed);
            promised = Set.copyOf(promised);
        }

        /** Of a member that has written nothing. */
        public Vouching(
                @Nullable Vow vow,
                BootTime mayTakeFrom,
                Set<MemberName> departed,
                boolean isElectorateCertain,
                boolean isUpheldByVows) {
            this(vow, mayTakeFrom, departed, isElectorateCertain, isUpheldByVows, Set.of());
        }

        /** Whether elections surely respect commits that are shared with this set. */
        public boolean isPromised(SynchronousSet set) {
            return promised.stream()
                    .allMatch(record -> record.map(it -> it.covers(set)).orElse(set.isEmpty()));
        }
    }

    /** The oldest switchover that waits, and whether its check of the candidate was done. */
    public record Requests(@Nullable Request switchover) {
        public static final Requests NONE = new Requests(null);
    }
}
