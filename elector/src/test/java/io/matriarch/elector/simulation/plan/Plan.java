package io.matriarch.elector.simulation.plan;

import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.Ballot.Concession;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Settings;
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
 * @param preference whom elections prefer, and how far
 * @param rates how fast the clock of each host runs, and last that of ZooKeeper's leader
 */
public record Plan(
        long seed,
        int members,
        Mode mode,
        int quorum,
        LeaseSettings lease,
        boolean failsafe,
        Preference preference,
        List<Double> rates,
        List<Fault> faults) {

    /** The most that clocks may differ in speed. */
    private static final long DRIFT = 480;

    /** After this no fault is left, and the cluster has to become well. */
    public static final long FAULTS_END = 10 * VirtualTime.SECONDS;

    private static final long FIRST_FAULT = 1200 * VirtualTime.MILLIS;

    /** The priority of each member, how far one gives way to another, and what may be lost. */
    public record Preference(List<Integer> priorities, Concession concession, long mostLoss) {

        static final Preference NONE = ordered(List.of(0, 0, 0));

        static Preference ordered(List<Integer> priorities) {
            return new Preference(priorities, Concession.DEFAULT, Settings.MOST_LOSS);
        }

        /** By a chance of its own, so that a seed means the same faults as ever. */
        static Preference of(long seed) {
            Chance chance = new Chance(seed * 0x9E3779B97F4A7C15L + 1);
            if (chance.once(4)) {
                return NONE;
            }
            List<Integer> priorities = List.of(chance.below(3), chance.below(3), chance.below(3));
            Concession concession =
                    chance.oneOf(
                            List.of(
                                    Concession.DEFAULT,
                                    Concession.DEFAULT,
                                    new Concession(16 << 20, 400),
                                    new Concession(2_000, 3_000),
                                    Concession.NONE));
            Chance loss = new Chance(seed * 0x9E3779B97F4A7C15L + 4);
            return new Preference(
                    priorities,
                    concession,
                    loss.oneOf(List.of(Settings.MOST_LOSS, Settings.MOST_LOSS, 2_000L, 0L)));
        }
    }

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
        faults.addAll(lostWal(seed, members));
        faults.addAll(lostData(seed, members));
        Chance disks = new Chance(seed * 0x9E3779B97F4A7C15L + 5);
        if (disks.once(8)) {
            long replaced = disks.between(1_200, 9_000) * VirtualTime.MILLIS;
            int host = disks.below(members);
            faults.add(new Fault(Fault.Kind.ASIDE_LEFT, replaced, replaced, host, host));
        }
        if (disks.once(4)) {
            long begin = disks.between(1_200, 8_000) * VirtualTime.MILLIS;
            long end = Math.min(FAULTS_END, begin + disks.between(500, 6_000) * VirtualTime.MILLIS);
            int host = disks.once(2) ? 0 : disks.below(members);
            Fault.Kind kind =
                    disks.once(2) ? Fault.Kind.CHECKPOINTS_HANG : Fault.Kind.CHECKPOINTS_FAIL;
            faults.add(new Fault(kind, begin, end, host, host));
        }
        Chance power = new Chance(seed * 0x9E3779B97F4A7C15L + 3);
        if (power.once(10)) {
            faults.addAll(blackout(power, members, FIRST_FAULT, FAULTS_END));
        }
        return new Plan(
                seed, members, mode, quorum, lease, failsafe, Preference.of(seed), rates, faults);
    }

    /**
     * In some histories WAL is lost while a standby is away that needs it; by a chance of its own,
     * so that a seed means the same faults as ever.
     */
    private static List<Fault> lostWal(long seed, int members) {
        Chance chance = new Chance(seed * 0x9E3779B97F4A7C15L + 2);
        if (!chance.once(8)) {
            return List.of();
        }
        int standby = 1 + chance.below(members - 1);
        int primary = chance.once(4) ? chance.below(members) : 0;
        return lostWal(chance, primary, standby);
    }

    private static List<Fault> lostWal(Chance chance, int primary, int standby) {
        long away = chance.between(2_500, 5_000) * VirtualTime.MILLIS;
        long lost = away + chance.between(300, 1_500) * VirtualTime.MILLIS;
        long back = lost + chance.between(20, 3_000) * VirtualTime.MILLIS;
        Fault.Kind kind = chance.once(2) ? Fault.Kind.HOST_CRASHED : Fault.Kind.CUT_FROM_MEMBER;
        return List.of(
                new Fault(kind, away, back, standby, primary),
                new Fault(Fault.Kind.WAL_LOST, lost, lost, primary, primary));
    }

    /** A cluster of two in which nothing else goes wrong. */
    public Plan ofLostWal() {
        Plan well = of(2, Mode.OFF);
        int primary = (int) (seed % 2);
        return well.with(lostWal(new Chance(seed), primary, 1 - primary));
    }

    public boolean losesWal() {
        return faults.stream().anyMatch(fault -> fault.kind() == Fault.Kind.WAL_LOST);
    }

    /** In some histories somebody empties a standby's data directory. */
    private static List<Fault> lostData(long seed, int members) {
        Chance chance = new Chance(seed * 0x9E3779B97F4A7C15L + 6);
        if (!chance.once(8)) {
            return List.of();
        }
        int host = chance.below(members);
        long begin = chance.between(2_000, 8_500) * VirtualTime.MILLIS;
        long end = begin + chance.between(20, 1_400) * VirtualTime.MILLIS;
        return List.of(new Fault(Fault.Kind.DATA_LOST, begin, end, host, host));
    }

    /**
     * A cluster of two that loses nothing that was acknowledged as long as one is there; the
     * standby's data directory is emptied, and a moment after it is back the primary's host dies.
     */
    public Plan ofForgetting() {
        long begin = 6_000_000 + seed * 7_919 % 1_000_003;
        long death = begin + 600_000 + seed * 104_729 % 2_500_003;
        return of(2, Mode.STRICT)
                .with(
                        List.of(
                                new Fault(Fault.Kind.DATA_LOST, begin, begin + 20_000, 1, 1),
                                new Fault(Fault.Kind.HOST_CRASHED, death, 2 * FAULTS_END, 0, 0)));
    }

    /** Whether a data directory may be brought back from the archive. */
    public boolean needsArchive() {
        return losesWal()
                || faults.stream().anyMatch(fault -> fault.kind() == Fault.Kind.DATA_LOST);
    }

    /** What failsafe is for, for long: longer than a session, mostly. */
    private static Fault withoutZooKeeper(Chance chance, int members) {
        long begin = chance.between(2_500, 4_500) * VirtualTime.MILLIS;
        int host = chance.once(2) ? 0 : chance.below(members);
        Fault.Kind kind =
                chance.once(2) ? Fault.Kind.ZOOKEEPER_DOWN : Fault.Kind.CUT_FROM_ZOOKEEPER;
        return new Fault(kind, begin, FAULTS_END, host, host);
    }

    /** All hosts are without power from one moment on, and have it again one after the other. */
    private static List<Fault> blackout(Chance chance, int members, long from, long until) {
        long begin = chance.between(from, until - 3 * VirtualTime.SECONDS);
        long first = begin + chance.between(100, 6_000) * VirtualTime.MILLIS;
        List<Fault> all = new ArrayList<>();
        for (int host = 0; host < members; host++) {
            long end = first + chance.between(0, 6_000) * VirtualTime.MILLIS;
            all.add(new Fault(Fault.Kind.HOST_CRASHED, begin, end, host, host));
        }
        return all;
    }

    private static LeaseSettings lease(Chance chance) {
        return switch (chance.below(3)) {
            case 0 -> LeaseSettings.of(Duration.ofSeconds(6), Duration.ofSeconds(2));
            case 1 -> LeaseSettings.of(Duration.ofSeconds(4), Duration.ofSeconds(1));
            default -> LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500));
        };
    }

    public Plan with(List<Fault> fewer) {
        return new Plan(seed, members, mode, quorum, lease, failsafe, preference, rates, fewer);
    }

    public Plan under(LeaseSettings other) {
        return new Plan(seed, members, mode, quorum, other, failsafe, preference, rates, faults);
    }

    /** Nobody is preferred, so that a defect finds the cluster as it needs it. */
    public Plan of(int fewer, Mode other) {
        List<Double> kept = new ArrayList<>(rates.subList(0, Math.min(fewer, members)));
        while (kept.size() < fewer) {
            kept.add(1.0);
        }
        kept.add(rates.getLast());
        return new Plan(seed, fewer, other, quorum, lease, failsafe, Preference.NONE, kept, faults);
    }

    /** All priorities are the same. */
    public Plan withNobodyPreferred() {
        return new Plan(
                seed, members, mode, quorum, lease, failsafe, Preference.NONE, rates, faults);
    }

    public Plan withFailsafe() {
        return new Plan(seed, members, mode, quorum, lease, true, preference, rates, faults);
    }

    /** Failsafe, a cluster that is well, and then nothing goes wrong but ZooKeeper, for long. */
    public Plan withoutZooKeeper() {
        long begin = 8_000_000 + seed * 7_919 % 300_007;
        int host = (int) (seed % (members + 1));
        Fault.Kind kind =
                host == members ? Fault.Kind.ZOOKEEPER_DOWN : Fault.Kind.CUT_FROM_ZOOKEEPER;
        Fault fault = new Fault(kind, begin, 2 * FAULTS_END, host % members, host % members);
        long well = seed % 7 == 0 ? seed + 1 : seed;
        return new Plan(
                well, members, mode, quorum, lease, true, preference, rates, List.of(fault));
    }

    /** The same, and meanwhile the Postgres of a member ends that is no primary, mostly. */
    public Plan withoutZooKeeperAndAStandby() {
        Plan away = withoutZooKeeper();
        int standby = (int) (1 + seed % (members - 1));
        long end = away.faults.getFirst().begin() + 1_500_000 + seed * 104_729 % 2_500_003;
        List<Fault> both = new ArrayList<>(away.faults);
        both.add(new Fault(Fault.Kind.POSTGRES_KILLED, end, end, standby, standby));
        return away.with(both);
    }

    /**
     * A cluster of three that is well; then the second in priority hears nothing of the first, its
     * primary, which dies soon after, and nothing else goes wrong.
     */
    public Plan ofPreferredThatLags() {
        // A cluster begins with its first member, which was the last primary.
        List<Integer> order = List.of(List.of(2, 0, 1), List.of(2, 1, 0)).get((int) (seed / 7 % 2));
        int primary = order.indexOf(2);
        int preferred = order.indexOf(1);
        long deaf = 8_000_000 + seed * 7_919 % 300_007;
        long death = deaf + 50_000 + seed * 104_729 % 900_001;
        boolean isRecoveredInPlace = mode == Mode.OFF;
        Fault.Kind kind =
                isRecoveredInPlace || seed % 2 == 0
                        ? Fault.Kind.HOST_CRASHED
                        : Fault.Kind.POSTGRES_KILLED;
        long end = 2 * FAULTS_END;
        List<Double> all = new ArrayList<>(rates.subList(0, Math.min(3, members)));
        while (all.size() < 3) {
            all.add(1.0);
        }
        all.add(rates.getLast());
        return new Plan(
                seed % 7 == 0 ? seed + 1 : seed,
                3,
                mode,
                1,
                lease,
                failsafe,
                Preference.ordered(order),
                all,
                List.of(
                        new Fault(Fault.Kind.DEAF_TO_MEMBER, deaf, end, preferred, primary),
                        new Fault(kind, death, end, primary, primary)));
    }

    /** A cluster that is well, then has no power, and nothing else goes wrong. */
    public Plan ofBlackout() {
        long well = 8 * VirtualTime.SECONDS;
        Chance power = new Chance(seed * 0x9E3779B97F4A7C15L + 3);
        return new Plan(
                seed % 7 == 0 ? seed + 1 : seed,
                members,
                mode,
                quorum,
                lease,
                failsafe,
                preference,
                rates,
                blackout(power, members, well, well + 4 * VirtualTime.SECONDS));
    }

    /** Whether it is one of those. */
    public boolean isOnlyBlackout() {
        long begin = faults.isEmpty() ? 0 : faults.getFirst().begin();
        return faults.size() == members
                && begin > FIRST_FAULT
                && faults.stream()
                        .allMatch(fault ->
                                fault.kind() == Fault.Kind.HOST_CRASHED && fault.begin() == begin)
                && faults.stream().mapToInt(Fault::host).distinct().count() == members;
    }

    public int priorityOf(int host) {
        return preference.priorities().get(host);
    }

    /** A cluster that is well, and then the disk of one member is full, for long. */
    public Plan withAFullDisk() {
        long begin = 6_000_000 + seed * 7_919 % 1_000_003;
        int host = seed % 3 == 0 ? 1 : 0;
        Fault fault = new Fault(Fault.Kind.DISK_FULL, begin, 2 * FAULTS_END, host, host);
        long well = seed % 7 == 0 ? seed + 1 : seed;
        return new Plan(
                well, members, mode, quorum, lease, failsafe, preference, rates, List.of(fault));
    }

    /**
     * A cluster that is well, in which every data directory has replaced another one, which takes
     * for ever to remove; then the primary's host dies.
     */
    public Plan ofSlowRemovals() {
        long begin = 6_000_000 + seed * 7_919 % 1_000_003;
        long death = begin + 2_500_000;
        List<Fault> all = new ArrayList<>();
        for (int host = 0; host < members; host++) {
            all.add(new Fault(Fault.Kind.ASIDE_LEFT, begin, begin, host, host));
        }
        all.add(new Fault(Fault.Kind.HOST_CRASHED, death, 2 * FAULTS_END, 0, 0));
        long well = seed % 7 == 0 ? seed + 1 : seed;
        return new Plan(well, members, mode, quorum, lease, failsafe, preference, rates, all);
    }

    /**
     * A cluster of two whose standby is away for a while; the checkpoint that is to put it into the
     * synchronous set again does not end, and then the primary's Postgres does.
     */
    public Plan ofHangingCheckpoint() {
        long begin = 3_000_000 + seed * 7_919 % 500_003;
        long death = begin + 6_500_000;
        return of(2, Mode.ON)
                .with(
                        List.of(
                                new Fault(Fault.Kind.HOST_CRASHED, begin, begin + 3_000_000, 1, 1),
                                new Fault(
                                        Fault.Kind.CHECKPOINTS_HANG,
                                        begin + 2_900_000,
                                        2 * FAULTS_END,
                                        0,
                                        0),
                                new Fault(Fault.Kind.POSTGRES_KILLED, death, death, 0, 0)));
    }

    /**
     * A cluster of two whose standby is away for a while; the checkpoint that is to put it into the
     * synchronous set again fails, again and again; then it receives nothing more, and a moment
     * later the primary's host dies.
     */
    public Plan ofFailingCheckpoint() {
        long begin = 3_000_000 + seed * 7_919 % 500_003;
        long death = begin + 8_500_000 + seed * 104_729 % 1_000_003;
        long deaf = death - 100_000 - seed * 15_485_863 % 200_003;
        return of(2, Mode.ON)
                .with(
                        List.of(
                                new Fault(Fault.Kind.HOST_CRASHED, begin, begin + 3_000_000, 1, 1),
                                new Fault(
                                        Fault.Kind.CHECKPOINTS_FAIL,
                                        begin + 2_900_000,
                                        2 * FAULTS_END,
                                        0,
                                        0),
                                new Fault(Fault.Kind.DEAF_TO_MEMBER, deaf, 2 * FAULTS_END, 1, 0),
                                new Fault(Fault.Kind.HOST_CRASHED, death, 2 * FAULTS_END, 0, 0)));
    }

    /** A cluster that is well; then the Postgres of its primary hangs, for ever. */
    public Plan ofHangingPostgres() {
        return withAPrimaryThat(Fault.Kind.POSTGRES_HANGS);
    }

    /** A cluster that is well; then its primary's Postgres dies, and its data is unreadable. */
    public Plan ofUnreadableData() {
        return withAPrimaryThat(Fault.Kind.DATA_UNREADABLE);
    }

    /** A cluster that is well; then whoever looks into the primary's data hangs, for long. */
    public Plan ofHangingVolume() {
        return withAPrimaryThat(Fault.Kind.VOLUME_HANGS);
    }

    private Plan withAPrimaryThat(Fault.Kind suffers) {
        long begin = 6_000_000 + seed * 7_919 % 1_000_003;
        long well = seed % 7 == 0 ? seed + 1 : seed;
        Fault fault = new Fault(suffers, begin, begin + 8 * FAULTS_END, 0, 0);
        return new Plan(
                well, members, mode, quorum, lease, failsafe, preference, rates, List.of(fault));
    }

    /** Whether what was set aside takes longer to remove than anything else. */
    public boolean removesForLong() {
        return faults.stream().filter(fault -> fault.kind() == Fault.Kind.ASIDE_LEFT).count() > 1;
    }

    /**
     * Whether only ZooKeeper is away, for longer than anything else would last, and at the most a
     * Postgres ends meanwhile: all else is well.
     */
    public boolean isOnlyWithoutZooKeeper() {
        return !faults.isEmpty()
                && faults.getFirst().end() > FAULTS_END
                && faults.stream().skip(1).allMatch(this::endsPostgresMeanwhile);
    }

    private boolean endsPostgresMeanwhile(Fault fault) {
        Fault.Kind first = faults.getFirst().kind();
        return fault.kind() == Fault.Kind.POSTGRES_KILLED
                && (first == Fault.Kind.ZOOKEEPER_DOWN || first == Fault.Kind.CUT_FROM_ZOOKEEPER);
    }

    /**
     * A member leaves the electorate soon at times, so that it happens at all; and where WAL is
     * lost a standby that stands still is soon repaired.
     */
    public Patience patience() {
        Patience usual = Patience.DEFAULT;
        return new Patience(
                usual.ballot(),
                usual.turn(),
                usual.absence(),
                losesWal() ? Duration.ofSeconds(6) : usual.stall(),
                seed % 3 == 0 ? usual.departure() : Duration.ofMillis(700),
                usual.drain(),
                seed % 4 == 1 ? Duration.ofSeconds(4) : usual.silence());
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
                        .append(failsafe ? " ms, failsafe" : " ms")
                        .append(", ")
                        .append(preference);
        faults.forEach(fault -> text.append("\n  ").append(fault));
        return text.toString();
    }
}
