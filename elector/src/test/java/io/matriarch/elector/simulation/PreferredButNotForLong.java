package io.matriarch.elector.simulation;

import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.enactment.MemberCycle.Outlook;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Situation;
import java.time.Duration;

/** Nobody gives way to a preferred member for longer than has been granted. */
final class PreferredButNotForLong implements Witness {

    private final World world;

    PreferredButNotForLong(World world) {
        this.world = world;
    }

    @Override
    public void onStep() {
        for (Host host : world.hosts()) {
            MemberCycle cycle = host.sidecar().cycle();
            if (cycle != null) {
                check(host, cycle.outlook());
            }
        }
    }

    private void check(Host host, Outlook outlook) {
        Decision decision = outlook.decision();
        Situation situation = outlook.situation();
        boolean givesWay =
                decision instanceof Decision.Stay && decision.reason().code() == Code.GIVING_WAY;
        if (!givesWay || situation == null || situation.election() == null) {
            return;
        }
        Duration known =
                situation
                        .election()
                        .together(
                                situation
                                        .election()
                                        .knownFor()
                                        .keySet()
                                        .toArray(MemberName[]::new));
        Duration granted = world.plan().preference().concession().patience();
        if (known.compareTo(granted) >= 0) {
            throw new Violation(
                    "preferred, but not for long",
                    "%s gives way although it has known all votes for %s: %s"
                            .formatted(host, known, decision));
        }
    }
}
