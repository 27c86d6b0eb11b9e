package io.matriarch.elector.simulation;

import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.SupervisorModel;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.Situation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A defect that is planted to see whether the simulation would notice it.
 *
 * @param what is wrong, as a sentence
 * @param setting the plans among which it is looked for
 */
record Planted(String what, Defect defect, UnaryOperator<Plan> setting) {

    Planted(String what, Defect defect) {
        this(what, defect, plan -> plan);
    }

    /** The same, where it shows best. */
    Planted in(UnaryOperator<Plan> better) {
        return new Planted(what, defect, better);
    }

    Plan plan(long seed) {
        return setting.apply(Plan.of(seed));
    }

    static List<Planted> all() {
        List<Planted> all = new ArrayList<>();
        all.addAll(DefectsOfAuthority.all());
        all.addAll(DefectsOfElections.all());
        all.addAll(DefectsOfData.all());
        all.addAll(DefectsOfRepairs.all());
        all.addAll(DefectsOfRestarts.all());
        all.addAll(DefectsOfVows.all());
        all.addAll(DefectsOfPreference.all());
        return all;
    }

    static Planted around(String what, UnaryOperator<Surroundings> change) {
        return new Planted(
                what,
                new Defect() {
                    @Override
                    public Surroundings around(Host host, Surroundings right) {
                        return change.apply(right);
                    }
                });
    }

    static Planted supervisor(String what, SupervisorModel.Rules rules) {
        return new Planted(
                what,
                new Defect() {
                    @Override
                    public SupervisorModel.Rules supervisor() {
                        return rules;
                    }
                });
    }

    /** The right decision about another situation. */
    static Planted misjudged(String what, UnaryOperator<Situation> change) {
        return new Planted(
                what,
                new Defect() {
                    @Override
                    public Function<Situation, Decision> decider(
                            Host host, Function<Situation, Decision> right) {
                        return now -> right.apply(change.apply(now));
                    }
                });
    }

    /** Another decision about the right situation. */
    static Planted decided(String what, BiFunction<Situation, Decision, Decision> change) {
        return new Planted(
                what,
                new Defect() {
                    @Override
                    public Function<Situation, Decision> decider(
                            Host host, Function<Situation, Decision> right) {
                        return now -> change.apply(now, right.apply(now));
                    }
                });
    }

    static Reason because(Decision right) {
        return new Reason(right.reason().code(), "planted: " + right.reason().detail());
    }

    @Override
    public String toString() {
        return what;
    }
}
