package io.matriarch.elector.simulation.model;

import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.simulation.zookeeper.Ensemble;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.vouching.Appeal;
import org.jspecify.annotations.Nullable;

/** Told of what happens, and of every step; says so if it must not be. */
public interface Witness {

    /**
     * A commit of a client.
     *
     * @param epoch under which the server that took it became primary
     * @param branch where it lies, with {@code end}
     * @param at when it was acknowledged
     */
    record Commit(Host host, long epoch, Branch branch, long end, long at) {}

    /** After every step. */
    default void onStep() {}

    /** A client has been told that its commit is durable. */
    default void onAcknowledged(Commit commit) {}

    /** The record of authority has changed. */
    default void onState(@Nullable ClusterState before, ClusterState after) {}

    /** A sidecar has told its supervisor what it permits. */
    default void onLease(Host host, LeaseRecord lease) {}

    /** A member has vowed not to take the authority, in answer to this appeal. */
    default void onVow(Host host, Appeal appeal) {}

    /** A primary has renewed its authority. */
    default void onRenewal(Renewal renewal) {}

    /** A ballot stands in ZooKeeper. */
    default void onBallot(Ballot ballot) {}

    /** A session is about to end, and its nodes with it. */
    default void onExpiry(Ensemble.Session session) {}

    /** A server begins to run on a data directory. */
    default void onStart(Host host, Data data, boolean asPrimary) {}

    /** A supervisor passes the permission to promote on to its server. */
    default void onPromotion(Host host, long epoch) {}

    /** A server takes writes from now on; {@code from} is what it was a standby of. */
    default void onWritable(Host host, @Nullable Branch from) {}

    /** WAL has come to a standby, from a primary or from another standby. */
    default void onReceived(Host host, boolean fromPrimary) {}

    /** initdb has made a new database. */
    default void onFounded(Host host) {}

    /** A member notes what is to be done to its data directory, and does it next. */
    default void onRepair(Host host) {}

    /** A data directory that was set aside is removed. */
    default void onRemoved(Host host, Data removed) {}

    /** A rewind is about to undo what {@code own} has and {@code theirs} does not. */
    default void onRewind(Host host, Data own, Data theirs) {}

    /** A delta restore is about to begin to go over {@code own}. */
    default void onOverwritten(Host host, Data own) {}

    /** Two histories that bear one number have been joined in one data directory. */
    default void onMixed(Host host, String how) {}

    /** A supervisor stops Postgres for want of a lease, or by order. */
    default void onStop(Host host, boolean isImmediate, boolean isFence) {}
}
