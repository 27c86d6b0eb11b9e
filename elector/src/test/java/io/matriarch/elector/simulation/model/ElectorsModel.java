package io.matriarch.elector.simulation.model;

import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Electors;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The other members, asked over the network: a question or an answer may be lost on the way, or
 * come when nobody waits for it any more, and who is frozen answers after it has woken.
 */
final class ElectorsModel implements Electors {

    private final World world;
    private final Host host;
    private final Lifetime own;

    ElectorsModel(World world, Host host, Lifetime own) {
        this.world = world;
        this.host = host;
        this.own = own;
    }

    @Override
    public Set<MemberName> vowTo(Appeal appeal, Set<MemberName> members, Duration patience) {
        Set<MemberName> vowed = new HashSet<>();
        Lifetime.Gate all = own.gate();
        for (MemberName member : members) {
            Host other = world.host(member.value());
            carry(
                    host,
                    other,
                    () ->
                            ask(
                                    other,
                                    appeal,
                                    () -> {
                                        vowed.add(member);
                                        if (vowed.size() == members.size()) {
                                            all.open();
                                        }
                                    }));
        }
        all.await(patience.toMillis() * VirtualTime.MILLIS);
        return Set.copyOf(vowed);
    }

    private void ask(Host other, Appeal appeal, Runnable onVow) {
        SidecarModel sidecar = other.sidecar();
        sidecar.life()
                .run(() -> {
                    MemberCycle cycle = sidecar.cycle();
                    boolean isVowed =
                            cycle != null
                                    && world.defect().grant(cycle.vows(), appeal, other.bootTime());
                    if (isVowed) {
                        world.tell(witness -> witness.onVow(other, appeal));
                        carry(other, host, () -> own.run(onVow));
                    }
                });
    }

    /**
     * Now and then a message waits on the way for a long time, and comes all the same; not where
     * the links are said to be well, for enough of them in a row end a lease.
     */
    private void carry(Host from, Host to, Runnable arrival) {
        if (!world.network().isOpen(from.number(), to.number())) {
            return;
        }
        boolean isLate = !world.plan().isOnlyWithoutZooKeeper() && world.chance().once(40);
        long late = isLate ? world.chance().between(0, 4_000_000) : 0;
        world.time().after(world.network().delay(from.number(), to.number()) + late, arrival);
    }
}
