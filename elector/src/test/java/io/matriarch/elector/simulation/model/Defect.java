package io.matriarch.elector.simulation.model;

import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.function.Function;

/** Where something can be made wrong on purpose, without a switch in the elector. */
public interface Defect {

    Defect NONE = new Defect() {};

    default Surroundings around(Host host, Surroundings right) {
        return right;
    }

    default Function<Situation, Decision> decider(Host host, Function<Situation, Decision> right) {
        return right;
    }

    default Duration renew(Host host, MemberCycle cycle) {
        return cycle.authority().renew();
    }

    default boolean grant(Vows right, Appeal appeal, BootTime now) {
        return right.grant(appeal, now);
    }

    default LeaseSettings lease(LeaseSettings right) {
        return right;
    }

    default SupervisorModel.Rules supervisor() {
        return SupervisorModel.Rules.ALL;
    }
}
