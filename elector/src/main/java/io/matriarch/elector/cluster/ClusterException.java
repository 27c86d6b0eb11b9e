package io.matriarch.elector.cluster;

/**
 * ZooKeeper could not be reached or refused. Nothing is known of the effect of a write that ended
 * so.
 */
public final class ClusterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What a person can do about it. */
    public String hint() {
        return "check that ZooKeeper runs and that zookeeper.connect names it";
    }
}
