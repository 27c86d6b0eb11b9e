package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Makes a failing plan as small as it can be: faults are left out one by one while it still fails.
 */
final class Shrinking {

    private Shrinking() {}

    /** The same plan with the fewest faults with which it still fails in the same way. */
    static Plan of(Plan failing, Supplier<Defect> defect) {
        History.Outcome first = History.run(failing, defect.get());
        Plan smallest = failing;
        boolean isSmaller = true;
        while (isSmaller) {
            isSmaller = false;
            for (int left = 0; left < smallest.faults().size() && !isSmaller; left++) {
                List<Fault> fewer = new ArrayList<>(smallest.faults());
                fewer.remove(left);
                Plan candidate = smallest.with(fewer);
                if (History.run(candidate, defect.get()).failsLike(first)) {
                    smallest = candidate;
                    isSmaller = true;
                }
            }
        }
        return smallest;
    }

    /** All that is worth knowing about a failure, for whoever has to find its reason. */
    static String report(Plan failing, Supplier<Defect> defect) {
        Plan smallest = of(failing, defect);
        List<String> told = new ArrayList<>();
        History.Outcome outcome = History.run(smallest, new Telling(told::add, defect.get()));
        int from = Math.max(0, told.size() - 60);
        return "%s%n%nshrunk to %s%n%n%s%n  => %s%n"
                .formatted(
                        failing,
                        smallest,
                        String.join("\n", told.subList(from, told.size())),
                        outcome.violation());
    }
}
