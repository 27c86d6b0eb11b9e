package io.matriarch.sidecar.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WritingPermissionTest {

    private final AtomicLong clock = new AtomicLong(17);

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ready under the epoch held                      | true  | READY         | 3 | 3 | 3
                    clients are drained, and what is left may wait  | true  | DRAINING      | 3 | 3 |
                    held after a restart in place                   | true  | RECOVERING    | 3 | 3 | 3
                    the repository may be another cluster's         | false | READY         | 3 | 3 |
                    the lease has ended                             | true  | READY         | 3 |   |
                    a new primary that still sees the last one ready | true | READY         | 3 | 4 |
                    a deposed primary that sees its successor       | true  | READY         | 4 | 3 |
                    recovery has not ended                          | true  | PROMOTING     | 4 | 4 |
                    the first member is being made                  | true  | BOOTSTRAPPING | 1 | 1 |
                    there is no primary                             | true  | VACANT        | 3 | 3 |
                    nothing was seen yet                            | true  |               |   | 3 |
                    nothing is seen and nothing is held             | true  |               |   |   |
                    """)
    void who_may_write(
            String title, boolean isClaimed, Phase phase, Long seen, Long held, Long permitted) {
        WritingPermission permissions = new WritingPermission(clock::get);
        Optional<ClusterState> state = Optional.ofNullable(phase).map(p -> state(p, seen));
        Optional<Epoch> epoch = Optional.ofNullable(held).map(Epoch::new);
        permissions.of(isClaimed, state, epoch);
        clock.addAndGet(WritingPermission.CLIENTS_FIRST.toNanos());

        Optional<WriterEpoch> permission = permissions.of(isClaimed, state, epoch);

        assertThat(permission)
                .as(title)
                .isEqualTo(Optional.ofNullable(permitted).map(WriterEpoch::new));
    }

    @Test
    void a_new_primary_leaves_its_clients_the_first_half_second_and_no_other() {
        WritingPermission permissions = new WritingPermission(clock::get);
        Optional<ClusterState> ready = Optional.of(state(Phase.READY, 3));
        Optional<Epoch> held = Optional.of(new Epoch(3));

        assertThat(permissions.of(true, ready, held)).isEmpty();
        clock.addAndGet(WritingPermission.CLIENTS_FIRST.toNanos() - 1);
        assertThat(permissions.of(true, ready, held)).isEmpty();
        clock.addAndGet(1);
        assertThat(permissions.of(true, ready, held)).contains(new WriterEpoch(3));

        // Neither a lease that had lapsed nor a switchover that came to nothing begins it anew.
        assertThat(permissions.of(true, ready, Optional.empty())).isEmpty();
        assertThat(permissions.of(true, Optional.of(state(Phase.DRAINING, 3)), held)).isEmpty();
        assertThat(permissions.of(true, ready, held)).contains(new WriterEpoch(3));

        // The next reign does.
        Optional<ClusterState> again = Optional.of(state(Phase.READY, 5));
        assertThat(permissions.of(true, again, Optional.of(new Epoch(5)))).isEmpty();
    }

    private static ClusterState state(Phase phase, long epoch) {
        Lsn position = Lsn.parse("0/4000000");
        return new ClusterState(
                ClusterState.FORMAT,
                new Epoch(epoch),
                new MemberName("a"),
                "incarnation",
                phase,
                new Lineage(TimelineId.FIRST, position),
                new Endpoint("127.0.0.1", 5432),
                null,
                new SystemIdentifier(7),
                false,
                phase == Phase.VACANT ? new Vacancy(null, null, "Postgres has crashed") : null,
                null);
    }
}
