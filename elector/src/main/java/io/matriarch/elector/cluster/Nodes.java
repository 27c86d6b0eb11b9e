package io.matriarch.elector.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The nodes of one cluster's folder in ZooKeeper, through one member's session. Paths are relative
 * to that folder. Each call goes to the servers and back; what it throws is ZooKeeper's own, and a
 * lost connection says nothing about whether the call took effect.
 */
public interface Nodes {

    /** How long a node stays. */
    enum Life {
        FOR_EVER,
        /** As long as the session. */
        OF_SESSION
    }

    /** One write of several that take effect together or not at all. */
    sealed interface Write {

        String path();

        /** Writes nothing, and makes all fail if the node is absent. */
        record Check(String path) implements Write {}

        record Create(String path, String content) implements Write {}

        /**
         * @param version which it must have; -1 for any
         */
        record Replace(String path, String content, int version) implements Write {}

        record Delete(String path) implements Write {}
    }

    /** What a node says, and how often that has been replaced. */
    record Content(String text, int version) {}

    /** The place in the queue for the authority; joined at most once at a time. */
    interface Latch {

        /** Joins unless it has, and waits until this session is first, or for so long. */
        boolean join(Duration patience) throws Exception;

        void leave();

        /** The own node; another session has another one. Empty while there is none. */
        Optional<String> path();
    }

    /** Creates a node, and its parents if they are missing. */
    void create(String path, String content, Life life) throws Exception;

    /** Replaces what a node says, whatever that is. */
    void set(String path, String content) throws Exception;

    /** Removes a node, if it is there. */
    void delete(String path) throws Exception;

    /** Removes a node with all below it, if it is there. */
    void deleteTree(String path) throws Exception;

    /** What a node says; empty if there is none. */
    Optional<String> read(String path) throws Exception;

    /** What a node says, with its version; empty if there is none. */
    Optional<Content> readWithVersion(String path) throws Exception;

    /** The present session, by a number that no other one ever has. */
    long session() throws Exception;

    /** Whether a node is there and will go with this very session. */
    boolean isOfThisSession(String path) throws Exception;

    /** The names of the nodes in a folder; none if there is no folder. */
    List<String> children(String folder) throws Exception;

    /** All of these writes, or none. */
    void commit(List<Write> writes) throws Exception;

    Latch latch();
}
