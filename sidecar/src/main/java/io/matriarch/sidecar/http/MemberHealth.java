package io.matriarch.sidecar.http;

/** What the API of a sidecar asks its sidecar. Every answer comes from memory. */
public interface MemberHealth {

    /** The whole picture, as JSON text. */
    String statusJson();

    /** The base backups that the cluster's members are taking, as JSON text. */
    String backupsJson();

    /** What monitoring wants to know, in the text format of Prometheus. */
    String metricsText();

    /** Its Postgres is the primary, and the authority for it is held right now. */
    boolean isPrimary();

    /** Its Postgres is a standby that answers queries. */
    boolean isReplica();

    /** The member works: a dependency that is away does not count against it. */
    boolean isAlive();

    /**
     * What the sidecar can swear to: the epoch that it holds and for how many more milliseconds, as
     * JSON text.
     */
    String attestationJson();
}
