package io.matriarch.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.local.plan.LocalShape.Store;
import io.matriarch.local.plan.LocalShape.Sync;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalShapeTest {

    @Test
    void members_are_numbered_from_one() {
        LocalShape shape = new LocalShape(3, Sync.ON, Store.S3, false, true, "app", "app", null);

        assertThat(shape.memberNames()).containsExactly("node1", "node2", "node3");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 6})
    void a_number_of_nodes_out_of_range_is_refused(int nodes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(nodes, Sync.ON, Store.S3, false, true, "app", "app", null))
                .withMessage("nodes: " + nodes + " (expected: 1 to 5)");
    }

    @Test
    void a_single_node_cannot_promise_strict_synchronous_commits() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(1, Sync.STRICT, Store.S3, false, true, "app", "app", null))
                .withMessageContaining("at least 2 nodes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "App", "a b", "x\"; drop", "1a"})
    void a_name_that_would_need_quoting_is_refused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new LocalShape(1, Sync.ON, Store.S3, false, true, name, "app", null))
                .withMessageStartingWith("user: ");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new LocalShape(1, Sync.ON, Store.S3, false, true, "app", name, null))
                .withMessageStartingWith("database: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "localhost:", "a:1,", "a:1 b:2", "a:1\", b: \"c"})
    void what_is_no_list_of_servers_is_refused(String servers) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LocalShape(1, Sync.ON, Store.S3, false, true, "app", "app", servers))
                .withMessageContaining("expected: HOST:PORT");
    }
}
