package io.matriarch.elector.situation;

import io.matriarch.postgres.BootTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * All that a member knows at one moment. Decisions are made from this and from nothing else.
 *
 * @param view absent until ZooKeeper has been read for the first time
 * @param reign absent unless this process holds the authority
 * @param election present while the place of the primary is vacant, as this member sees it
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
        Requests requests) {

    /** Who this member is: its name, and the incarnation kept beside its data directory. */
    public record Identity(MemberName name, String incarnation, Endpoint postgres) {}

    /**
     * @param vacantFor how long this member has seen the place vacant
     * @param votedFor how long ago it cast its ballot; absent if it has not
     */
    public record Election(Duration vacantFor, @Nullable Duration votedFor) {}

    /**
     * @param request the id of the operator's request
     * @param since when clients were asked to wait
     */
    public record Handover(String request, MemberName successor, BootTime since) {}

    /** The oldest switchover that waits, and whether its check of the candidate was done. */
    public record Requests(@Nullable Request switchover) {
        public static final Requests NONE = new Requests(null);
    }
}
