package io.matriarch.elector.decision;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.Ballot.Concession;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Build;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Data;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.OwnPostgres.Replication;
import io.matriarch.elector.situation.Reign;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Settings.Patience;
import io.matriarch.elector.situation.Settings.Synchrony;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.ReplicationPeer;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Situations to decide about. The base is a well cluster of three, seen by {@code n2}: {@code n1}
 * is primary of epoch 5 on timeline 2, and shares its commits with any one of {@code n2} and {@code
 * n3}. A test says only what differs.
 */
final class Situations {

    static final MemberName N1 = new MemberName("n1");
    static final MemberName N2 = new MemberName("n2");
    static final MemberName N3 = new MemberName("n3");
    static final SystemIdentifier SYSTEM = new SystemIdentifier(77);
    static final TimelineId TIMELINE = new TimelineId(2);
    static final Lsn SWITCH = Lsn.parse("0/5000000");
    static final Lsn END = Lsn.parse("0/6000000");
    static final Epoch EPOCH = new Epoch(5);
    static final TimelineHistory HISTORY =
            new TimelineHistory(
                    TIMELINE, List.of(new TimelineHistory.Switch(TimelineId.FIRST, SWITCH)));

    private static final BootTime NOW = new BootTime(1_000_000);

    private MemberName self = N2;
    private OwnPostgres postgres = standby(TIMELINE, END, N1);
    private @Nullable ClusterState state = state(Phase.READY, N1);
    private List<MemberStatus> members =
            List.of(
                    status(N1, Role.PRIMARY),
                    status(N2, Role.STREAMING),
                    status(N3, Role.STREAMING));
    private List<MemberName> latch = List.of(N1);
    private List<Ballot> ballots = List.of();
    private @Nullable Reign reign;
    private Situation.@Nullable Election election;
    private Situation.@Nullable Handover handover;
    private @Nullable Request switchover;
    private Mode mode = Mode.ON;
    private int quorum = 1;
    private boolean isViewKnown = true;
    private boolean isFailsafe;
    private Concession concession = Concession.DEFAULT;
    private @Nullable Renewal renewal;
    private Map<String, String> unreadable = Map.of();
    private Situation.Vouching vouching = Situation.Vouching.NONE;

    static Situations well() {
        return new Situations();
    }

    static ClusterState state(Phase phase, MemberName primary) {
        return new ClusterState(
                ClusterState.FORMAT,
                EPOCH,
                primary,
                "incarnation-" + primary,
                phase,
                new Lineage(TIMELINE, SWITCH),
                endpoint(primary),
                SynchronousSet.any(1, others(primary)),
                SYSTEM,
                false,
                phase == Phase.VACANT ? new Vacancy(null, null, "Postgres has crashed") : null,
                null);
    }

    /** The same, in maintenance. */
    static ClusterState paused(ClusterState running) {
        return new ClusterState(
                running.format(),
                running.epoch(),
                running.primary(),
                running.incarnation(),
                running.phase(),
                running.lineage(),
                running.postgres(),
                running.synchronous(),
                running.systemIdentifier(),
                true,
                running.vacancy(),
                running.electorate());
    }

    static List<MemberName> others(MemberName primary) {
        List<MemberName> others = new ArrayList<>(List.of(N1, N2, N3));
        others.remove(primary);
        return others;
    }

    static Endpoint endpoint(MemberName member) {
        return new Endpoint(member.value(), 5432);
    }

    static MemberStatus status(MemberName member, Role role) {
        return new MemberStatus(
                member,
                "incarnation-" + member,
                endpoint(member),
                new MemberStatus.Sidecar("http://" + member, "", null),
                role,
                SYSTEM,
                TIMELINE,
                END,
                END,
                0,
                new Build("test", 150018));
    }

    /** A live member of this name that is another one. */
    static MemberStatus impostor(MemberName name) {
        return elsewhere(name, "incarnation-of-another");
    }

    /** A live member that has a copy of another's disk. */
    static MemberStatus copyOf(MemberName name) {
        return elsewhere(name, "incarnation-" + name);
    }

    private static MemberStatus elsewhere(MemberName name, String incarnation) {
        return new MemberStatus(
                name,
                incarnation,
                new Endpoint("elsewhere", 5432),
                new MemberStatus.Sidecar("http://elsewhere", "", null),
                Role.STREAMING,
                SYSTEM,
                TIMELINE,
                END,
                END,
                0,
                new Build("test", 150018));
    }

    static ServerStatus server(boolean isInRecovery, TimelineId timeline, Lsn written) {
        return new ServerStatus(
                SYSTEM,
                new PostgresVersion(150018),
                isInRecovery,
                timeline,
                written,
                true,
                written,
                0,
                Optional.empty(),
                ServerStatus.Source.NONE,
                SynchronousSet.any(1, List.of(N1, N3)).toSetting(),
                List.of(
                        new ReplicationPeer("n1", true, END),
                        new ReplicationPeer("n3", true, END)));
    }

    static OwnPostgres standby(TimelineId timeline, Lsn written, @Nullable MemberName following) {
        TimelineHistory history =
                timeline.equals(TIMELINE) ? HISTORY : TimelineHistory.of(timeline);
        return new OwnPostgres.Standby(
                server(true, timeline, written),
                history,
                following == null ? null : endpoint(following),
                Duration.ZERO,
                null);
    }

    static OwnPostgres primary() {
        return new OwnPostgres.Primary(
                server(false, TIMELINE, END), new Replication(Set.of(N1, N3), END));
    }

    static Data data(@Nullable Epoch ruled, Repair repair, boolean isClean) {
        return new Data(SYSTEM, TIMELINE, isClean, END, ruled, repair);
    }

    static OwnPostgres stopped(@Nullable Epoch ruled, Cause cause) {
        return new OwnPostgres.Stopped(data(ruled, Repair.NONE, false), cause);
    }

    static Ballot ballot(MemberName member, String received) {
        return new Ballot(member, EPOCH.next(), TIMELINE, Lsn.parse(received), 0, null, null);
    }

    Situations seenBy(MemberName other) {
        self = other;
        return this;
    }

    Situations with(OwnPostgres other) {
        postgres = other;
        return this;
    }

    Situations with(@Nullable ClusterState other) {
        state = other;
        return this;
    }

    Situations withMembers(MemberStatus... live) {
        members = List.of(live);
        return this;
    }

    Situations withLatch(MemberName... holders) {
        latch = List.of(holders);
        return this;
    }

    Situations withBallots(Ballot... cast) {
        ballots = List.of(cast);
        return this;
    }

    Situations with(Mode other) {
        mode = other;
        return this;
    }

    Situations withQuorum(int other) {
        quorum = other;
        return this;
    }

    Situations withoutView() {
        isViewKnown = false;
        return this;
    }

    Situations withSwitchoverTo(@Nullable MemberName candidate) {
        switchover = Request.of("r1", Request.Kind.SWITCHOVER, candidate, Map.of());
        return this;
    }

    Situations withFailsafe() {
        isFailsafe = true;
        return this;
    }

    Situations with(Renewal last) {
        renewal = last;
        return this;
    }

    /** That node is there, and cannot be read. */
    Situations withUnreadable(String node) {
        unreadable = Map.of(node, "nobody knows this word");
        return this;
    }

    Situations with(Concession other) {
        concession = other;
        return this;
    }

    Situations with(Situation.Vouching other) {
        vouching = other;
        return this;
    }

    Situations handingOverTo(MemberName successor) {
        return handingOverTo(successor, Duration.ZERO, Situation.Clients.DONE);
    }

    Situations handingOverTo(
            MemberName successor, Duration since, Situation.@Nullable Clients clients) {
        BootTime began = new BootTime(NOW.millis() - since.toMillis());
        handover = new Situation.Handover("r1", successor, began, clients);
        return this;
    }

    /** This member holds the authority of the state's epoch. */
    Situations reigning() {
        ClusterState present = state;
        Epoch epoch = present == null ? EPOCH : present.epoch();
        reign = new Reign(epoch, NOW, NOW.plus(Duration.ofSeconds(3)));
        latch = List.of(self);
        return this;
    }

    Situations vacantFor(Duration vacant, @Nullable Duration voted) {
        election = new Situation.Election(vacant, voted);
        latch = List.of();
        return this;
    }

    /** This member has voted, and knows of another's ballot for so long. */
    Situations knowing(MemberName other, Duration known) {
        Situation.Election before = election;
        if (before == null) {
            throw new IllegalStateException("no election");
        }
        election =
                new Situation.Election(
                        before.vacantFor(),
                        before.votedFor(),
                        before.lastVotedFor(),
                        Map.of(other, known));
        return this;
    }

    Situation build() {
        return new Situation(
                NOW,
                new Settings(
                        self,
                        0,
                        true,
                        new Synchrony(mode, quorum),
                        Patience.DEFAULT,
                        isFailsafe,
                        concession,
                        Settings.MOST_LOSS),
                new Situation.Identity(self, "incarnation-" + self, endpoint(self)),
                postgres,
                isViewKnown ? view() : null,
                reign,
                election,
                handover,
                new Situation.Requests(switchover),
                vouching);
    }

    private ClusterView view() {
        boolean isThere = state != null || unreadable.containsKey(ClusterView.STATE);
        return new ClusterView(
                state, isThere ? 9 : -1, members, ballots, latch, renewal, unreadable);
    }

    Decision decided() {
        return new Decider().decide(build());
    }
}
