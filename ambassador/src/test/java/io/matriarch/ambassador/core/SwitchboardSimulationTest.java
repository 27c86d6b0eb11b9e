package io.matriarch.ambassador.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of a cluster and its clients under a virtual clock. The invariants are checked
 * after every step; a failure names its seed, which replays exactly.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SwitchboardSimulationTest {

    @Test
    void the_invariants_hold_in_many_histories() {
        long served = 0;
        long cut = 0;
        long refused = 0;
        long drained = 0;
        for (long seed = 1; seed <= 100; seed++) {
            SimulatedRelay history = SimulatedRelay.run(seed, 1_500);
            served += history.status().tally().connected();
            cut += history.status().tally().cut();
            refused += history.status().tally().refused();
            drained += history.drained();
        }

        assertThat(served).as("histories that serve nobody prove nothing").isGreaterThan(1_000);
        assertThat(cut).as("nor do histories without a cut").isGreaterThan(1_000);
        assertThat(drained).as("nor without a drain that ends").isGreaterThan(100);
        assertThat(refused).as("nor without an end of a hold").isGreaterThan(50);
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 77, 777})
    void the_same_seed_is_the_same_history(long seed) {
        assertThat(SimulatedRelay.run(seed, 1_500).status())
                .isEqualTo(SimulatedRelay.run(seed, 1_500).status());
    }
}
