package io.matriarch.elector.cluster;

import io.matriarch.elector.situation.AmbassadorReport;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The cluster as a member sees it: a picture that follows what happens, late at times. */
public interface WatchedCluster {

    boolean isConnected();

    /** The session timeout that the servers granted; 0 before the first connection. */
    Duration negotiatedSession();

    /** The cluster as last seen; empty until it has been seen whole once. */
    Optional<ClusterView> view();

    /** What operators have asked for, oldest first. */
    List<Request> requests();

    /** The ambassadors that are there. */
    List<AmbassadorReport> ambassadors();

    /** Writes how far a request has come; one that its asker has withdrawn is left alone. */
    void answer(Request request);
}
