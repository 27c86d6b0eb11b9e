package io.matriarch.failover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DrawTest {

    private static final int MANY = 500;

    private static List<Draw.Drawn> drawn(long seed) {
        return Stream.generate(new Draw(seed)::next).limit(MANY).toList();
    }

    @Test
    void a_seed_draws_the_same_faults_again() {
        assertThat(drawn(4711)).isEqualTo(drawn(4711)).isNotEqualTo(drawn(4712));
    }

    @Test
    void every_usual_fault_is_drawn() {
        assertThat(drawn(4711))
                .extracting(Draw.Drawn::fault)
                .contains(Fault.usual().toArray(Fault[]::new))
                .doesNotContain(Fault.ALL_ZOOKEEPERS);
    }

    @Test
    void some_are_over_before_a_session_ends_and_some_are_not() {
        assertThat(drawn(4711)).anyMatch(each -> each.lasts().toMillis() < 1_000);
        assertThat(drawn(4711)).anyMatch(each -> each.lasts().toMillis() > 7_000);
    }
}
