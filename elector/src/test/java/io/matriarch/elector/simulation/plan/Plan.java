package io.matriarch.elector.simulation.plan;

import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Settings.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a history is about: the cluster, and what befalls it. The rest is left to the chance of the
 * same seed.
 *
 * @param members how many there are
 * @param failsafe whether a primary may go on without ZooKeeper
 * @param rates how fast the clock of each host runs, and last that of ZooKeeper's leader
 */
public record Plan(
        long seed,
        int members,
        Mode mode,
        int quorum,
        LeaseSettings lease,
        boolean failsafe,
        List<Double> rates,
        List<Fault> faults) {

    /** The most that clocks may differ in speed. */
    private static final long DRIFT = 480;

    /** After this no fault is left, and the cluster has to become well. */
    public static final long FAULTS_END = 10 * VirtualTime.SECONDS;

    private static final long FIRST_FAULT = 1200 * VirtualTime.MILLIS;

    public Plan {
        rates = List.copyOf(rates);
        faults = List.copyOf(faults);
    }

    /** What a seed stands for. */
    public static Plan of(long seed) {
        Chance chance = new Chance(seed);
        int members = chance.once(6) ? 2 : 3;
        Mode mode = chance.oneOf(List.of(Mode.OFF, Mode.ON, Mode.ON, Mode.STRICT));
        int quorum = chance.once(5) ? 2 : 1;
        LeaseSettings lease = lease(chance);
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i <= members; i++) {
            rates.add(1 + chance.between(-DRIFT, DRIFT) / 1_000_000.0);
        }
        List<Fault> faults = new ArrayList<>();
        long count = chance.between(1, 6);
        for (int i = 0; i < count; i++) {
            faults.add(Fault.drawn(chance, members, FIRST_FAULT, FAULTS_END));
        }
        boolean failsafe = seed % 2 == 0;
        if (failsafe && chance.once(2)) {
            faults.add(withoutZooKeeper(chance, members));
        }
        return new Plan(seed, members, mode, quorum, lease, failsafe, rates, faults);
    }

    /** What failsafe is for, for long: longer than a session, mostly. */
    private static Fault withoutZooKeeper(Chance chance, int members) {
        long begin = chance.between(2_500, 4_500) * VirtualTime.MILLIS;
        int host = chance.once(2) ? 0 : chance.below(members);
        Fault.Kind kind =
                chance.once(2) ? Fault.Kind.ZOOKEEPER_DOWN : Fault.Kind.CUT_FROM_ZOOKEEPER;
        return new Fault(kind, begin, FAULTS_END, host, host);
    }

    private static LeaseSettings lease(Chance chance) {
        return switch (chance.below(3)) {
            case 0 -> LeaseSettings.of(Duration.ofSeconds(6), Duration.ofSeconds(2));
            case 1 -> LeaseSettings.of(Duration.ofSeconds(4), Duration.ofSeconds(1));
            default -> LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500));
        };
    }

    public Plan with(List<Fault> fewer) {
        return new Plan(seed, members, mode, quorum, lease, failsafe, rates, fewer);
    }

    public Plan under(LeaseSettings other) {
        return new Plan(seed, members, mode, quorum, other, failsafe, rates, faults);
    }

    public Plan of(int fewer, Mode other) {
        List<Double> kept = new ArrayList<>(rates.subList(0, Math.min(fewer, members)));
        while (kept.size() < fewer) {
            kept.add(1.0);
        }
        kept.add(rates.getLast());
        return new Plan(seed, fewer, other, quorum, lease, failsafe, kept, faults);
    }

    public Plan withFailsafe() {
        return new Plan(seed, members, mode, quorum, lease, true, rates, faults);
    }

    /** Failsafe, a cluster that is well, and then nothing goes wrong but ZooKeeper, for long. */
    public Plan withoutZooKeeper() {
        long begin = 8_000_000 + seed * 7_919 % 300_007;
        int host = (int) (seed % (members + 1));
        Fault.Kind kind =
                host == members ? Fault.Kind.ZOOKEEPER_DOWN : Fault.Kind.CUT_FROM_ZOOKEEPER;
        Fault fault = new Fault(kind, begin, 2 * FAULTS_END, host % members, host % members);
        long well = seed % 7 == 0 ? seed + 1 : seed;
        return new Plan(well, members, mode, quorum, lease, true, rates, List.of(fault));
    }

    /** A cluster that is well, and then the disk of one member is full, for long. */
    public Plan withAFullDisk() {
        long begin = 6_000_000 + seed * 7_919 % 1_000_003;
        int host = seed % 3 == 0 ? 1 : 0;
        Fault fault = new Fault(Fault.Kind.DISK_FULL, begin, 2 * FAULTS_END, host, host);
        long well = seed % 7 == 0 ? seed + 1 : seed;
        return new Plan(well, members, mode, quorum, lease, failsafe, rates, List.of(fault));
    }

    /**
     * Whether only ZooKeeper is away, for longer than anything else would last: all else is well.
     */
    public boolean isOnlyWithoutZooKeeper() {
        return faults.size() == 1 && faults.getFirst().end() > FAULTS_END;
    }

    /** A member leaves the electorate soon at times, so that it happens at all. */
    public Patience patience() {
        Patience usual = Patience.DEFAULT;
        return seed % 3 == 0
                ? usual
                : new Patience(
                        usual.ballot(),
                        usual.turn(),
                        usual.absence(),
                        usual.stall(),
                        Duration.ofMillis(700),
                        usual.drain());
    }

    /** When everything is mended. */
    public long faultsEnd() {
        return faults.stream().mapToLong(Fault::end).reduce(FAULTS_END, Math::max);
    }

    public double rateOf(int host) {
        return rates.get(host);
    }

    public long tick() {
        return lease.tick().toMillis() * VirtualTime.MILLIS;
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("seed ")
                        .append(seed)
                        .append(": ")
                        .append(members)
                        .append(" members, synchronous ")
                        .append(mode)
                        .append(", quorum ")
                        .append(quorum)
                        .append(", session ")
                        .append(lease.session().toMillis())
                        .append(" ms, tick ")
                        .append(lease.tick().toMillis())
                        .append(failsafe ? " ms, failsafe" : " ms");
        faults.forEach(fault -> text.append("\n  ").append(fault));
        return text.toString();
    }
}
