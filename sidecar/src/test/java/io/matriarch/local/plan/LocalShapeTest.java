package io.matriarch.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.local.plan.LocalShape.Store;
import io.matriarch.local.plan.LocalShape.Sync;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalShapeTest {

    @Test
    void members_are_numbered_from_one() {
        LocalShape shape =
                new LocalShape(3, Sync.ON, Store.S3, false, true, "app", "app", null, List.of());

        assertThat(shape.memberNames()).containsExactly("node1", "node2", "node3");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 6})
    void a_number_of_nodes_out_of_range_is_refused(int nodes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(
                                nodes, Sync.ON, Store.S3, false, true, "app", "app", null,
                                List.of()))
                .withMessage("nodes: " + nodes + " (expected: 1 to 5)");
    }

    @Test
    void a_single_node_cannot_promise_strict_synchronous_commits() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(
                                1,
                                Sync.STRICT,
                                Store.S3,
                                false,
                                true,
                                "app",
                                "app",
                                null,
                                List.of()))
                .withMessageContaining("at least 2 nodes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "App", "a b", "x\"; drop", "1a"})
    void a_name_that_would_need_quoting_is_refused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(
                                1, Sync.ON, Store.S3, false, true, name, "app", null, List.of()))
                .withMessageStartingWith("user: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(
                                1, Sync.ON, Store.S3, false, true, "app", name, null, List.of()))
                .withMessageStartingWith("database: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "localhost:", "a:1,", "a:1 b:2", "a:1\", b: \"c"})
    void what_is_no_list_of_servers_is_refused(String servers) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(
                                1, Sync.ON, Store.S3, false, true, "app", "app", servers,
                                List.of()))
                .withMessageContaining("expected: HOST:PORT");
    }

    @Test
    void each_node_has_a_priority_or_none_has() {
        LocalShape shape =
                new LocalShape(
                        2, Sync.ON, Store.S3, false, true, "app", "app", null, List.of(20, -5));

        assertThat(shape.priorityOf("node1")).isEqualTo(20);
        assertThat(shape.priorityOf("node2")).isEqualTo(-5);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(
                                2, Sync.ON, Store.S3, false, true, "app", "app", null, List.of(1)))
                .withMessage("priorities: [1] (expected: 2, one for each node)");
    }
}
