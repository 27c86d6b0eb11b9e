package io.matriarch.ambassador.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberStatus.Role;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReplicasTest {

    private static final RoutingPolicy POLICY =
            new RoutingPolicy(100, Duration.ofSeconds(10), Duration.ofSeconds(15));

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            textBlock =
                    """
                    caught up,                              STREAMING, 1000, 1000, 0,     true
                    caught up on an idle cluster,           STREAMING, 1000, 1000, 99000, true
                    ahead of what the primary last said,    STREAMING, 1200, 1200, 0,     true
                    as many bytes behind as is allowed,     STREAMING,  900,  900, 5000,  true
                    one byte more,                          STREAMING,  899,  899, 0,     false
                    received but replays an old past,       STREAMING, 1000,  990, 10001, false
                    received and replays the near past,     STREAMING, 1000,  500, 10000, true
                    of unknown age and near,                STREAMING, 1000,  950, -1,    true
                    of unknown age and far,                 STREAMING, 1000,  500, -1,    false
                    does not stream,                        STANDBY,   1000, 1000, 0,     false
                    is starting,                            STARTING,  1000, 1000, 0,     false
                    is stopped,                             STOPPED,   1000, 1000, 0,     false
                    claims to be primary and is not,        PRIMARY,   1000, 1000, 0,     false
                    """)
    void a_standby_qualifies_by_role_bytes_and_age(
            String name, Role role, long received, long replayed, long lag, boolean qualifies) {
        SampleCluster cluster = SampleCluster.of("p", "s").role("p", Role.PRIMARY);
        cluster.status("s", role, received, replayed, lag);

        var standbys =
                Replicas.of(cluster.view(1, Phase.READY, "p"), SampleCluster.name("p"), POLICY);

        assertThat(standbys.contains(cluster.standby("s"))).as(name).isEqualTo(qualifies);
    }
}
