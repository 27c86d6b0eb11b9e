package io.matriarch.elector.situation;

import java.time.Duration;

/**
 * What the decisions of one member depend on, as configured.
 *
 * @param priority a higher one wins an election among equals
 * @param mayBootstrap whether this member may run initdb for a cluster that does not exist yet
 * @param failsafe whether this member, as a primary, goes on without ZooKeeper while every member
 *     that could succeed it vouches for it
 * @param concession how far this member gives way to one of a higher priority
 * @param mostLoss in asynchronous mode, how many bytes this member may lack of what the last
 *     primary told, and still succeed it
 */
public record Settings(
        MemberName self,
        int priority,
        boolean mayBootstrap,
        Synchrony synchrony,
        Patience patience,
        boolean failsafe,
        Ballot.Concession concession,
        long mostLoss) {

    /** One segment of WAL, as most clusters have them. */
    public static final long MOST_LOSS = 16 << 20;

    /**
     * Synchronous replication: off, on (given up when no standby is left), strict (never given up).
     */
    public enum Mode {
        OFF,
        ON,
        STRICT
    }

    /**
     * @param quorum how many standbys confirm a commit, if there are so many
     */
    public record Synchrony(Mode mode, int quorum) {
        public Synchrony {
            if (quorum < 1) {
                throw new IllegalArgumentException(
                        "synchronous.quorum: " + quorum + " (expected: 1 or more)");
            }
        }
    }

    /**
     * How long to wait before giving up on others.
     *
     * @param ballot for the votes of live members
     * @param turn for a better placed candidate to take its turn
     * @param absence of a standby's replication before it leaves the synchronous set
     * @param stall of a standby's replication before it is rebuilt
     * @param departure of a member's presence before it leaves the electorate
     * @param drain for the transactions of clients before a planned switchover stops the server
     * @param silence of the own primary, which has answered before, until another succeeds it
     */
    public record Patience(
            Duration ballot,
            Duration turn,
            Duration absence,
            Duration stall,
            Duration departure,
            Duration drain,
            Duration silence) {
        /** Clients are held meanwhile, and an ambassador refuses them after as long. */
        private static final Duration LONGEST_DRAIN = Duration.ofSeconds(30);

        public static final Patience DEFAULT =
                new Patience(
                        Duration.ofMillis(1000),
                        Duration.ofMillis(1500),
                        Duration.ofMillis(1500),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20));

        public Patience {
            if (drain.isNegative() || drain.compareTo(LONGEST_DRAIN) > 0) {
                throw new IllegalArgumentException(
                        "switchover.patience: " + drain + " (expected: 0s to 30s)");
            }
        }

        /** The same, with another patience for the transactions of clients. */
        public Patience withDrain(Duration other) {
            return new Patience(ballot, turn, absence, stall, departure, other, silence);
        }
    }
}
