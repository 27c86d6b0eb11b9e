package io.matriarch.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.cli.CommandFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PortsTest {

    private static final Ports RANGE = new Ports(21_480, 21_499);

    @Test
    void each_name_gets_a_port_of_its_own_within_the_range() {
        Map<String, Integer> picked = RANGE.pick(List.of("a", "b", "c", "d"), Map.of());

        assertThat(picked.keySet()).containsExactly("a", "b", "c", "d");
        assertThat(picked.values())
                .doesNotHaveDuplicates()
                .allMatch(p -> p >= 21_480 && p <= 21_499);
    }

    @RepeatedTest(50)
    void a_port_that_was_used_before_is_used_again_and_given_to_no_other() {
        Map<String, Integer> picked = RANGE.pick(List.of("a", "b"), Map.of("b", 21_487));

        assertThat(picked).containsEntry("b", 21_487);
    }

    @Test
    void a_port_that_somebody_took_meanwhile_is_replaced() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, Integer> before = Map.of("a", other.getLocalPort());

            Map<String, Integer> picked = RANGE.pick(List.of("a"), before);

            assertThat(picked).containsKey("a").isNotEqualTo(before);
        }
    }

    @Test
    void a_range_without_a_free_port_is_refused() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ports full = new Ports(other.getLocalPort(), other.getLocalPort());

            assertThatThrownBy(() -> full.pick(List.of("a"), Map.of()))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("none is free");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "80-90", "3000-2000", "1024-65536", "a-b", "999999-1"})
    void a_range_that_is_none_is_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ports.parse(text))
                .withMessageStartingWith("ports: ");
    }
}
