package io.matriarch.failover;

import io.matriarch.failover.side.Relay.Passing;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What befalls a primary, or what it stands on. */
enum Fault {
    POSTMASTER("postmaster", "postmaster killed with -9", 5),
    HOST("host", "host died: all of its processes killed together", 45),
    SIDECAR_KILLED("sidecar-killed", "sidecar killed and away for 60 s", 60),
    SIDECAR_FROZEN("sidecar-frozen", "sidecar frozen for 60 s", 60),
    EVERYTHING_FROZEN("all-frozen", "everything of the primary frozen for 60 s", 60),
    SWITCHOVER("switchover", "planned switchover", 5),
    ARCHIVE_HUNG("switchover-archive", "switchover while archive_command hangs", 5),
    RECEIVER_FROZEN("switchover-receiver", "switchover while a standby's walreceiver is frozen", 5),
    ONE_ZOOKEEPER("zookeeper", "the leading ZooKeeper of three lost for 30 s", 30),
    ALL_ZOOKEEPERS("zookeepers", "all ZooKeepers lost for 2 min, failsafe on", 120),
    CUT_OFF("cut", "primary cut off from ZooKeeper only, for 30 s", 30),
    CUT_OFF_ONE_WAY("cut-one-way", "only what ZooKeeper answers to the primary lost, for 30 s", 30),
    STANDBYS_SILENT("standbys", "both standbys' walreceivers frozen for 30 s", 30);

    private final String key;
    private final String what;
    private final int seconds;

    Fault(String key, String what, int seconds) {
        this.key = key;
        this.what = what;
        this.seconds = seconds;
    }

    /** By what people write. */
    static Fault of(String key) {
        return Arrays.stream(values())
                .filter(fault -> fault.key.equals(key))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "fault: " + key + " (expected: one of " + keys() + ")"));
    }

    private static String keys() {
        return Arrays.stream(values()).map(Fault::key).collect(Collectors.joining(", "));
    }

    /** Those that are measured if nobody chooses. */
    static List<Fault> usual() {
        return Arrays.stream(values()).filter(fault -> fault != ALL_ZOOKEEPERS).toList();
    }

    String key() {
        return key;
    }

    String what() {
        return what;
    }

    /** How long it lasts, or what follows is watched. */
    Duration lasts() {
        return Duration.ofSeconds(seconds);
    }

    Strike strike() {
        return switch (this) {
            case POSTMASTER -> Strikes::killPostmaster;
            case HOST -> Strikes::killHost;
            case SIDECAR_KILLED -> Strikes::killSidecar;
            case SIDECAR_FROZEN -> Strikes::freezeSidecar;
            case EVERYTHING_FROZEN -> Strikes::freezeHost;
            case SWITCHOVER -> Strikes::switchOver;
            case ARCHIVE_HUNG -> Strikes::switchOverWithHungArchive;
            case RECEIVER_FROZEN -> Strikes::switchOverWithFrozenReceiver;
            case ONE_ZOOKEEPER -> Strikes::killOneZooKeeper;
            case ALL_ZOOKEEPERS -> Strikes::killAllZooKeepers;
            case CUT_OFF -> scene -> Strikes.cut(scene, Passing.NEITHER);
            case CUT_OFF_ONE_WAY -> scene -> Strikes.cut(scene, Passing.TO_SERVER);
            case STANDBYS_SILENT -> Strikes::freezeReceivers;
        };
    }

    Goal goal() {
        return switch (this) {
            case POSTMASTER -> Goal.median(1_000);
            case SWITCHOVER -> Goal.median(500);
            case ARCHIVE_HUNG, RECEIVER_FROZEN -> Goal.most(1_000);
            case HOST, SIDECAR_KILLED, SIDECAR_FROZEN, EVERYTHING_FROZEN, CUT_OFF ->
                    Goal.most(6_000);
            case ONE_ZOOKEEPER, ALL_ZOOKEEPERS -> Goal.NO_OUTAGE;
            case CUT_OFF_ONE_WAY, STANDBYS_SILENT -> Goal.HONESTY;
        };
    }

    /** Whether it is an operator's wish, by which no transaction is to be aborted. */
    boolean isPlanned() {
        return this == SWITCHOVER || this == ARCHIVE_HUNG || this == RECEIVER_FROZEN;
    }

    /** Whether a client that is connected to the old primary could go on writing there. */
    boolean leavesPostgres() {
        return switch (this) {
            case SIDECAR_KILLED,
                    SIDECAR_FROZEN,
                    EVERYTHING_FROZEN,
                    CUT_OFF,
                    CUT_OFF_ONE_WAY,
                    ALL_ZOOKEEPERS ->
                    true;
            case POSTMASTER,
                    HOST,
                    SWITCHOVER,
                    ARCHIVE_HUNG,
                    RECEIVER_FROZEN,
                    ONE_ZOOKEEPER,
                    STANDBYS_SILENT ->
                    false;
        };
    }
}
