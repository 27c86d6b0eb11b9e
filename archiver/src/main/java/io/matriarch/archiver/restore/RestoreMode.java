package io.matriarch.archiver.restore;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What becomes of a restored directory. */
public sealed interface RestoreMode {

    /** What the server does when it has reached the target. */
    enum Action {
        PROMOTE,
        PAUSE,
        SHUTDOWN
    }

    /**
     * A server of its own, that replays to the target from WAL that the restore has fetched, and
     * talks to nobody of its old cluster.
     *
     * @param port to be set; empty leaves the port of the configuration
     */
    record Recover(Action action, Optional<Integer> port) implements RestoreMode {

        public static final Recover DEFAULT = new Recover(Action.PROMOTE, Optional.empty());
    }

    /**
     * A standby: it gets its WAL by the settings that the caller gives.
     *
     * @param settings lines for {@code postgresql.auto.conf}
     */
    record AsStandby(SortedMap<String, String> settings) implements RestoreMode {

        public AsStandby {
            settings = new TreeMap<>(settings);
        }

        public static AsStandby of(Map<String, String> settings) {
            return new AsStandby(new TreeMap<>(settings));
        }
    }
}
