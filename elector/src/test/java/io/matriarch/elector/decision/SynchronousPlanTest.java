package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Replication;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.sql.ReplicationPeer;
import io.matriarch.postgres.sql.ServerStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The plan run to its end from random beginnings, with standbys that come and go in the middle. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SynchronousPlanTest {

    private static final Lsn BARRIER = Lsn.parse("0/7000000");
    private static final int HISTORIES = 2000;
    private static final int STEPS = 40;

    /** The primary n2's side of the world, in the small. */
    private static final class World {
        @Nullable SynchronousSet promised = SynchronousSet.NONE;
        SynchronousSet enforced = SynchronousSet.NONE;
        Set<MemberName> attached = new TreeSet<>();
        Set<MemberName> caughtUp = new TreeSet<>();
        boolean isSettled;

        Decision next(Mode mode) {
            List<ReplicationPeer> peers = new ArrayList<>();
            for (MemberName name : attached) {
                Lsn flushed = caughtUp.contains(name) ? BARRIER : Lsn.ZERO;
                peers.add(new ReplicationPeer(name.value(), true, flushed));
            }
            OwnPostgres postgres =
                    new OwnPostgres.Primary(
                            server(enforced, peers),
                            new Replication(attached, isSettled ? BARRIER : null));
            ClusterState state = state(Phase.READY, N2).withSynchronous(promised);
            return well().with(state)
                    .with(postgres)
                    .with(mode)
                    .withMembers(
                            status(N2, Role.PRIMARY),
                            status(N1, Role.STREAMING),
                            status(N3, Role.STREAMING))
                    .reigning()
                    .decided();
        }

        /** Carries a step out, and checks that it was allowed. */
        void apply(Decision decision) {
            switch (decision) {
                case Decision.EnforceSynchronous enforce -> {
                    if (promised != null) {
                        assertThat(promised.covers(enforce.set()))
                                .as("%s while %s is promised", enforce.set(), promised)
                                .isTrue();
                    }
                    enforced = enforce.set();
                    isSettled = false;
                    caughtUp.clear();
                }
                case Decision.PublishSynchronous publish -> {
                    SynchronousSet next = publish.set();
                    if (next != null && !next.isEmpty()) {
                        assertThat(next.covers(enforced))
                                .as("%s promised while %s is enforced", next, enforced)
                                .isTrue();
                        boolean isNarrower = promised != null && !isCoveredBy(next, promised);
                        long present = next.members().stream().filter(caughtUp::contains).count();
                        assertThat(!isNarrower || present >= next.quorum())
                                .as("%s after %s, with %s", next, promised, caughtUp)
                                .isTrue();
                    }
                    promised = next;
                }
                default -> {}
            }
        }

        /** Whether {@code next} asks at least as much of an election as the record before. */
        private static boolean isCoveredBy(SynchronousSet next, SynchronousSet before) {
            return !before.isEmpty() && next.covers(before);
        }
    }

    /** Its old connection may linger, and says what was true before. */
    @Test
    void a_standby_that_has_connected_again_counts_once() {
        SynchronousSet both = SynchronousSet.any(2, List.of(N1, N3));
        Decision decision =
                reigning(
                                both,
                                new Replication(Set.of(N1, N3), BARRIER),
                                new ReplicationPeer("n1", true, BARRIER),
                                new ReplicationPeer("n1", true, BARRIER),
                                new ReplicationPeer("n3", true, Lsn.ZERO))
                        .with(
                                state(Phase.READY, N2)
                                        .withSynchronous(SynchronousSet.any(1, List.of(N1, N3))))
                        .withQuorum(2)
                        .decided();

        assertThat(decision.reason().code()).isEqualTo(Code.WAITING_FOR_SYNCHRONOUS_STANDBYS);
    }

    /** However that has come about. */
    @Test
    void a_set_in_force_that_the_record_does_not_cover_is_promised_at_once() {
        SynchronousSet both = SynchronousSet.any(1, List.of(N1, N3));
        Decision decision =
                reigning(
                                both,
                                new Replication(Set.of(N1, N3), null),
                                new ReplicationPeer("n1", true, Lsn.ZERO),
                                new ReplicationPeer("n3", true, Lsn.ZERO))
                        .with(
                                state(Phase.READY, N2)
                                        .withSynchronous(SynchronousSet.any(1, List.of(N1))))
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.PublishSynchronous.class,
                        publish -> assertThat(publish.set()).isEqualTo(both));
    }

    /** The view shows what was promised before, by which it would be right. */
    @Test
    void no_set_is_put_in_force_that_the_record_may_not_promise_any_more() {
        SynchronousSet both = SynchronousSet.any(1, List.of(N1, N3));
        SynchronousSet one = SynchronousSet.any(1, List.of(N1));
        Situations narrowed =
                reigning(
                                one,
                                new Replication(Set.of(N1, N3), BARRIER),
                                new ReplicationPeer("n1", true, BARRIER),
                                new ReplicationPeer("n3", true, BARRIER))
                        .with(state(Phase.READY, N2).withSynchronous(both));

        assertThat(narrowed.with(knowing(true, both)).decided())
                .isInstanceOf(Decision.EnforceSynchronous.class);
        assertThat(narrowed.with(knowing(true, one)).decided().reason().code())
                .isEqualTo(Code.WAITING_FOR_VIEW);
        assertThat(narrowed.with(knowing(false, both, one)).decided())
                .as("not answered: it is written again")
                .isInstanceOfSatisfying(
                        Decision.PublishSynchronous.class,
                        publish -> assertThat(publish.set()).isEqualTo(both));
    }

    private static Situation.Vouching knowing(boolean isCertain, SynchronousSet... promised) {
        Set<Optional<SynchronousSet>> possible =
                Arrays.stream(promised).map(Optional::of).collect(Collectors.toSet());
        return new Situation.Vouching(null, BootTime.ZERO, Set.of(), isCertain, false, possible);
    }

    /** The primary n2 with this set in force. */
    private static Situations reigning(
            SynchronousSet enforced, Replication replication, ReplicationPeer... peers) {
        return well().seenBy(N2)
                .with(new OwnPostgres.Primary(server(enforced, List.of(peers)), replication))
                .withMembers(
                        status(N2, Role.PRIMARY),
                        status(N1, Role.STREAMING),
                        status(N3, Role.STREAMING))
                .reigning();
    }

    private static ServerStatus server(SynchronousSet enforced, List<ReplicationPeer> peers) {
        return new ServerStatus(
                Situations.SYSTEM,
                new PostgresVersion(150018),
                false,
                Situations.TIMELINE,
                BARRIER,
                true,
                BARRIER,
                0,
                Optional.empty(),
                ServerStatus.Source.NONE,
                enforced.toSetting(),
                peers);
    }

    @Test
    void no_step_lets_an_election_miss_a_commit() {
        for (int seed = 0; seed < HISTORIES; seed++) {
            Random random = new Random(seed);
            World world = new World();
            for (int step = 0; step < STEPS; step++) {
                happen(world, random);
                world.apply(world.next(Mode.ON));
            }
        }
    }

    private static void happen(World world, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> world.attached.add(random.nextBoolean() ? N1 : N3);
            case 1 -> {
                MemberName gone = random.nextBoolean() ? N1 : N3;
                world.attached.remove(gone);
                world.caughtUp.remove(gone);
            }
            case 2 -> world.isSettled = true;
            default -> {
                if (world.isSettled) {
                    world.caughtUp.addAll(world.attached);
                }
            }
        }
    }

    @Test
    void the_set_becomes_what_is_attached() {
        World world = new World();
        world.attached.addAll(List.of(N1, N3));

        for (int step = 0; step < STEPS; step++) {
            world.apply(world.next(Mode.ON));
            world.isSettled = true;
            world.caughtUp.addAll(world.attached);
        }

        assertThat(world.promised).isEqualTo(SynchronousSet.any(1, List.of(N1, N3)));
        assertThat(world.enforced).isEqualTo(world.promised);
    }

    @Test
    void strict_mode_never_gives_up_its_last_standby() {
        World world = new World();
        world.promised = SynchronousSet.any(1, List.of(N1));
        world.enforced = SynchronousSet.any(1, List.of(N1));

        world.apply(world.next(Mode.STRICT));

        assertThat(world.enforced).isEqualTo(SynchronousSet.any(1, List.of(N1)));
    }

    @Test
    void asynchronous_mode_takes_the_promise_back_first() {
        World world = new World();
        world.promised = SynchronousSet.any(1, List.of(N1));
        world.enforced = SynchronousSet.any(1, List.of(N1));

        world.apply(world.next(Mode.OFF));
        assertThat(world.promised).isNull();
        world.apply(world.next(Mode.OFF));

        assertThat(world.enforced).isEqualTo(SynchronousSet.NONE);
    }
}
