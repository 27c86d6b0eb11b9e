package io.matriarch.elector.simulation.plan;

import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.time.VirtualTime;
import java.util.EnumSet;
import java.util.List;

/**
 * Something that goes wrong, from a beginning to an end.
 *
 * @param host whom it befalls
 * @param other a second one, where two are concerned
 */
public record Fault(Kind kind, long begin, long end, int host, int other) {

    /** What can go wrong. */
    public enum Kind {
        SIDECAR_KILLED,
        SIDECAR_FROZEN,
        SUPERVISOR_KILLED,
        SUPERVISOR_FROZEN,
        POSTMASTER_KILLED,
        POSTGRES_KILLED,
        POSTGRES_FROZEN,
        STARTS_FAIL,
        DISK_FULL,
        HOST_FROZEN,
        HOST_CRASHED,
        WALL_CLOCK_STEPPED,
        CUT_FROM_ZOOKEEPER,
        CUT_FROM_ONE_SERVER,
        DEAF_TO_ZOOKEEPER,
        MUTE_TO_ZOOKEEPER,
        CUT_FROM_MEMBER,
        DEAF_TO_MEMBER,
        CUT_FROM_EVERYBODY,
        CUT_FROM_CLIENTS,
        SLOW_NETWORK,
        ZOOKEEPER_SERVER_KILLED,
        ZOOKEEPER_LEADER_CHANGED,
        ZOOKEEPER_FOLLOWER_CUT_OFF,
        ZOOKEEPER_DOWN,
        ZOOKEEPER_SLOW,
        SWITCHOVER,
        WAL_LOST,
        DATA_LOST,
        ASIDE_LEFT,
        CHECKPOINTS_HANG,
        CHECKPOINTS_FAIL,
        POSTGRES_HANGS,
        DATA_UNREADABLE,
        VOLUME_HANGS
    }

    /** Those that are drawn by themselves. */
    private static final List<Kind> KINDS =
            List.copyOf(EnumSet.range(Kind.SIDECAR_KILLED, Kind.SWITCHOVER));

    public static Fault drawn(Chance chance, int members, long from, long until) {
        Kind kind = chance.oneOf(KINDS);
        long begin = chance.between(from, until - 1 * VirtualTime.SECONDS);
        long length =
                switch (chance.below(3)) {
                    case 0 -> chance.between(20, 900) * VirtualTime.MILLIS;
                    case 1 -> chance.between(900, 4_000) * VirtualTime.MILLIS;
                    default -> chance.between(3_000, 9_000) * VirtualTime.MILLIS;
                };
        return new Fault(
                kind,
                begin,
                Math.min(until, begin + length),
                chance.once(2) ? 0 : chance.below(members),
                chance.below(members));
    }

    @Override
    public String toString() {
        return "%s n%d, other n%d, from %d ms to %d ms"
                .formatted(kind, host + 1, other + 1, begin / 1000, end / 1000);
    }
}
