package io.matriarch.ambassador.view;

/** Why a connection waits, as a sentence for the client and the log. */
public enum HoldReason {
    NO_VIEW("the cluster's state is not known yet"),
    STALE_VIEW("the cluster's state is older than one seen before"),
    BOOTSTRAPPING("the cluster is being initialised"),
    PROMOTING("a new primary is being promoted"),
    RECOVERING("the primary was restarted, and waits for its synchronous standbys"),
    DRAINING("a planned switchover is under way"),
    VACANT("the cluster has no primary"),
    NO_STANDBY("no standby is within the lag limits"),
    CONNECT_FAILED("the server cannot be reached"),
    LOGINS_BUSY("the server is busy with other log-ins");

    private final String sentence;

    HoldReason(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
