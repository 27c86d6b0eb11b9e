package io.matriarch.ambassador.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ambassador.view.Route.Holding;
import io.matriarch.ambassador.view.Route.Serving;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RoutingTableTest {

    private static final BootTime NOW = new BootTime(1_000);

    private final SampleCluster cluster = SampleCluster.of("a", "b", "c");

    private RoutingTable after(RoutingTable table, ClusterView view) {
        return table.with(view, NOW, RoutingPolicy.DEFAULT);
    }

    private RoutingTable ready(long epoch, String primary) {
        return after(RoutingTable.initial(Epoch.NONE), cluster.view(epoch, Phase.READY, primary));
    }

    @ParameterizedTest(
            name = "{0}: route {1}, sessions of its primary {2}, of an earlier epoch {3}")
    @CsvSource(
            textBlock =
                    """
                    BOOTSTRAPPING, BOOTSTRAPPING, KEEP, HIGHER_EPOCH
                    PROMOTING,     PROMOTING,     KEEP, HIGHER_EPOCH
                    RECOVERING,    RECOVERING,    KEEP, HIGHER_EPOCH
                    READY,         SERVING,       KEEP, HIGHER_EPOCH
                    DRAINING,      DRAINING,      KEEP, HIGHER_EPOCH
                    VACANT,        VACANT,        VACANT, HIGHER_EPOCH
                    """)
    void every_phase_has_its_route_and_its_verdicts(
            Phase phase, String route, String verdict, String earlier) {
        RoutingTable table = after(ready(4, "b"), cluster.view(5, phase, "a"));

        String actualRoute =
                switch (table.route()) {
                    case Serving _ -> "SERVING";
                    case Holding(var reason) -> reason.name();
                };
        assertThat(actualRoute).isEqualTo(route);
        assertThat(verdict(table, cluster.primary(5, "a"))).isEqualTo(verdict);
        assertThat(verdict(table, cluster.primary(4, "b"))).isEqualTo(earlier);
        assertThat(verdict(table, cluster.standby("c"))).isEqualTo("KEEP");
    }

    private static String verdict(RoutingTable table, Target target) {
        return table.verdictOn(target).map(CutReason::name).orElse("KEEP");
    }

    @Test
    void before_the_first_view_connections_are_held() {
        assertThat(RoutingTable.initial(new Epoch(3)).route())
                .isEqualTo(new Holding(HoldReason.NO_VIEW));
    }

    @Test
    void a_lower_epoch_changes_nothing() {
        RoutingTable table = ready(5, "a");

        RoutingTable stale = after(table, cluster.view(4, Phase.READY, "b"));

        assertThat(stale).isEqualTo(table);
    }

    @Test
    void an_epoch_below_the_remembered_one_is_not_served_and_says_why() {
        RoutingTable table =
                after(RoutingTable.initial(new Epoch(9)), cluster.view(8, Phase.READY, "a"));

        assertThat(table.epoch()).isEqualTo(new Epoch(9));
        assertThat(table.route()).isEqualTo(new Holding(HoldReason.STALE_VIEW));
    }

    @Test
    void the_remembered_epoch_itself_is_served() {
        RoutingTable table =
                after(RoutingTable.initial(new Epoch(9)), cluster.view(9, Phase.READY, "a"));

        assertThat(table.route()).isEqualTo(new Serving(cluster.primary(9, "a")));
    }

    @Test
    void an_older_version_of_the_record_changes_nothing() {
        RoutingTable table =
                after(
                        after(
                                RoutingTable.initial(Epoch.NONE),
                                cluster.view(5, Phase.READY, "a", 10)),
                        cluster.view(5, Phase.DRAINING, "a", 11));

        RoutingTable stale = after(table, cluster.view(5, Phase.READY, "a", 10));

        assertThat(stale.route()).isEqualTo(new Holding(HoldReason.DRAINING));
    }

    @Test
    void a_record_that_is_gone_names_nobody_else_so_the_route_stays() {
        RoutingTable table = after(ready(5, "a"), ClusterView.EMPTY);

        assertThat(table.route()).isEqualTo(new Serving(cluster.primary(5, "a")));
    }

    @Test
    void a_record_that_returned_begins_its_versions_anew() {
        RoutingTable table =
                after(
                        after(
                                after(
                                        RoutingTable.initial(Epoch.NONE),
                                        cluster.view(5, Phase.READY, "a", 10)),
                                ClusterView.EMPTY),
                        cluster.view(5, Phase.DRAINING, "a", 0));

        assertThat(table.route()).isEqualTo(new Holding(HoldReason.DRAINING));
    }

    @Test
    void a_lost_store_changes_no_route() {
        RoutingTable table = ready(5, "a").withoutStore();

        assertThat(table.route()).isEqualTo(new Serving(cluster.primary(5, "a")));
        assertThat(table.verdictOn(cluster.primary(5, "a"))).isEmpty();
        assertThat(table.storeReachable()).isFalse();
    }

    @Test
    void another_primary_of_the_same_epoch_cuts_the_sessions_of_the_former() {
        RoutingTable table = after(ready(5, "a"), cluster.view(5, Phase.READY, "b"));

        assertThat(table.verdictOn(cluster.primary(5, "a"))).contains(CutReason.CONTRADICTED);
    }

    @Test
    void a_standby_that_was_promoted_keeps_its_sessions_which_then_belong_to_the_epoch() {
        RoutingTable promoted = after(ready(5, "a"), cluster.view(6, Phase.PROMOTING, "b"));
        RoutingTable deposed = after(promoted, cluster.view(7, Phase.READY, "c"));

        Target session = promoted.presently(cluster.standby("b"));

        assertThat(session).isEqualTo(cluster.primary(6, "b"));
        assertThat(promoted.verdictOn(session)).isEmpty();
        assertThat(deposed.verdictOn(session)).contains(CutReason.HIGHER_EPOCH);
    }

    @Test
    void a_connect_is_admitted_only_to_the_primary_that_is_served_now() {
        RoutingTable draining = after(ready(5, "a"), cluster.view(5, Phase.DRAINING, "a"));

        assertThat(ready(6, "a").admits(cluster.primary(6, "a"))).isTrue();
        assertThat(ready(6, "a").admits(cluster.primary(5, "a"))).isFalse();
        assertThat(draining.admits(cluster.primary(5, "a"))).isFalse();
    }

    @Test
    void a_view_renews_the_permit_from_the_moment_of_asking() {
        Permit permit = ready(5, "a").permit();

        assertThat(permit)
                .isEqualTo(
                        Permit.ofStoreRead(
                                new Epoch(5),
                                SampleCluster.name("a"),
                                NOW,
                                RoutingPolicy.DEFAULT.permitValidity()));
    }

    @Test
    void an_attestation_lengthens_the_permit_and_never_shortens_it() {
        RoutingTable table = ready(5, "a");

        RoutingTable longer = table.with(attestation(5, "a", Duration.ofSeconds(60)));
        RoutingTable shorter = longer.with(attestation(5, "a", Duration.ofSeconds(1)));

        assertThat(longer.permit()).isEqualTo(attestation(5, "a", Duration.ofSeconds(60)));
        assertThat(shorter).isEqualTo(longer);
    }

    @Test
    void an_attestation_of_a_higher_epoch_ends_the_present_reign() {
        RoutingTable table = ready(5, "a").with(attestation(6, "b", Duration.ofSeconds(1)));

        assertThat(table.epoch()).isEqualTo(new Epoch(6));
        assertThat(table.route()).isInstanceOf(Holding.class);
        assertThat(table.verdictOn(cluster.primary(5, "a"))).contains(CutReason.HIGHER_EPOCH);
    }

    @Test
    void an_attestation_of_a_stranger_is_void() {
        RoutingTable table = ready(5, "a");

        assertThat(table.with(attestation(5, "b", Duration.ofSeconds(60)))).isEqualTo(table);
        assertThat(table.with(attestation(4, "a", Duration.ofSeconds(60)))).isEqualTo(table);
    }

    private static Permit attestation(long epoch, String member, Duration remaining) {
        return Permit.ofAttestation(new Epoch(epoch), SampleCluster.name(member), NOW, remaining);
    }
}
