package io.matriarch.elector.enactment;

import io.matriarch.elector.control.ActualState;
import io.matriarch.elector.observation.CrashMemory;
import io.matriarch.elector.observation.Silence;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.host.BootClock;
import io.matriarch.postgres.sql.ReplicationPeer;
import io.matriarch.postgres.sql.ServerException;
import io.matriarch.postgres.sql.ServerStatus;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the own Postgres from all sides. What needs two looks (how long a standby has stood
 * still, who streamed a moment ago) is remembered here.
 */
final class Observer {

    /** How long a changed setting takes to reach every process, generously. */
    private static final Logger log = LoggerFactory.getLogger(Observer.class);

    private static final Duration SETTLING = Duration.ofSeconds(1);

    /** How long after it was set in vain a synchronous set is set again. */
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final Supervisor supervisor;
    private final OwnFiles files;
    private final Marks marks;
    private final OwnServer server;
    private final Settings settings;
    private final BootClock clock;

    private final Map<MemberName, BootTime> lastStreamed = new HashMap<>();
    private final CrashMemory crashes = new CrashMemory();
    private final Silence silence = new Silence();
    private OwnPostgres.@Nullable Data lastFacts;
    private @Nullable Movement movement;
    private @Nullable BootTime streamingSince;
    private final Enforcement enforcement;
    private BootTime sawPrimarySince = BootTime.ZERO;
    private @Nullable Lsn recovered;
    private boolean isPromoted;
    private boolean isSettling;
    private boolean isColdStarted;

    /** Where WAL may come from. */
    private record Source(@Nullable Endpoint primary, boolean usesArchive) {}

    private record Movement(Lsn position, Source source, BootTime at) {}

    Observer(
            Supervisor supervisor,
            OwnFiles files,
            Marks marks,
            Enforcement enforcement,
            Settings settings,
            BootClock clock) {
        this.supervisor = supervisor;
        this.files = files;
        this.marks = marks;
        this.enforcement = enforcement;
        this.server = enforcement.server;
        this.settings = settings;
        this.clock = clock;
    }

    OwnPostgres look(@Nullable ClusterView view, boolean isSettling) {
        this.isSettling = isSettling;
        Optional<ActualState> actual = supervisor.actual();
        if (actual.isEmpty()) {
            return new OwnPostgres.Unclear(supervisor.whyUnclear());
        }
        if (actual.get().state() != ActualState.Running.RUNNING) {
            silence.end();
        }
        OwnPostgres found =
                switch (actual.get().state()) {
                    case STOPPED -> stopped(actual.get());
                    case STOPPING -> stopping(actual.get());
                    case RUNNING -> running(actual.get(), view);
                };
        if (!(found instanceof OwnPostgres.Primary)) {
            lastStreamed.clear();
            enforcement.end();
            sawPrimarySince = BootTime.ZERO;
            recovered = null;
        }
        if (found instanceof OwnPostgres.Standby) {
            crashes.sawNoPrimary();
            isPromoted = true;
        } else if (found instanceof OwnPostgres.Stopped) {
            isPromoted = false;
        }
        if (!(found instanceof OwnPostgres.Standby)) {
            movement = null;
            streamingSince = null;
        }
        return found;
    }

    private OwnPostgres stopped(ActualState actual) {
        server.close();
        Optional<ControlFile> control;
        try {
            control = files.controlFile();
        } catch (RuntimeException unreadable) {
            return withoutControlFile(
                    files.path() + "/global/pg_control cannot be read: " + why(unreadable));
        }
        Optional<OwnPostgres.Data> facts = control.map(this::facts);
        if (facts.isPresent()) {
            Cause cause = cause(actual.cause());
            // A start that failed, and is tried again, has seen no primary die either.
            isColdStarted = cause == Cause.NOT_STARTED || (cause == Cause.FAILED && isColdStarted);
            return new OwnPostgres.Stopped(
                    facts.get(),
                    cause,
                    cause == Cause.CRASHED
                            ? crashes.crash(control.get().redo(), actual.since(), clock.now())
                            : null,
                    actual.epoch());
        }
        return files.isEmpty()
                ? new OwnPostgres.Absent()
                : withoutControlFile(files.path() + " is not empty and has no global/pg_control");
    }

    private OwnPostgres withoutControlFile(String why) {
        return switch (marks.repair()) {
            case REPLACE -> new OwnPostgres.Absent();
            case DELTA -> new OwnPostgres.Unsealed();
            case NONE, REWIND ->
                    new OwnPostgres.Unusable(
                            why
                                    + "; mend it, or move the directory away to let this member be"
                                    + " built anew");
        };
    }

    private static String why(RuntimeException trouble) {
        return trouble instanceof UncheckedIOException io
                ? String.valueOf(io.getCause())
                : String.valueOf(trouble.getMessage());
    }

    private static Cause cause(ActualState.Cause cause) {
        return switch (cause) {
            case NONE -> Cause.NOT_STARTED;
            case DESIRED -> Cause.DESIRED;
            case CRASHED -> Cause.CRASHED;
            case FENCED -> Cause.FENCED;
            case FAILED -> Cause.FAILED;
        };
    }

    private OwnPostgres stopping(ActualState actual) {
        return facts().<OwnPostgres>map(facts -> new OwnPostgres.Stopping(facts, actual.since()))
                .orElseGet(() -> new OwnPostgres.Unclear("a stopping Postgres has no data"));
    }

    /** Of a server that is not dead: what is unreadable now is what it was. */
    private Optional<OwnPostgres.Data> facts() {
        Optional<ControlFile> control;
        try {
            control = files.controlFile();
        } catch (RuntimeException unreadable) {
            return Optional.ofNullable(lastFacts);
        }
        return control.map(this::facts);
    }

    private OwnPostgres.Data facts(ControlFile file) {
        OwnPostgres.Data facts =
                new OwnPostgres.Data(
                        file.systemIdentifier(),
                        file.timeline(),
                        file.state().isCleanlyShutDown(),
                        file.state().isCleanlyShutDown()
                                ? file.endOfCheckpoint()
                                : file.checkpoint(),
                        marks.reign().orElse(null),
                        marks.repair());
        lastFacts = facts;
        return facts;
    }

    private OwnPostgres running(ActualState actual, @Nullable ClusterView view) {
        ServerStatus status;
        BootTime asked = clock.now();
        try {
            status = server.status();
        } catch (ServerException e) {
            BootTime now = clock.now();
            Duration silentFor = silence.goesOn(e, asked, now);
            return facts().<OwnPostgres>map(facts ->
                            new OwnPostgres.Starting(
                                    actual.mode() == ActualState.Mode.PRIMARY,
                                    facts,
                                    actual.since(),
                                    crashes.recoveringFor(now),
                                    silentFor))
                    .orElseGet(() -> new OwnPostgres.Unclear("Postgres runs without data"));
        }
        silence.answered();
        if (!status.isInRecovery()) {
            isColdStarted = false;
            return primary(status, view);
        }
        if (status.isStreaming() && view != null && !view.isVacant()) {
            isColdStarted = false;
        }
        return standby(status);
    }

    private OwnPostgres standby(ServerStatus status) {
        BootTime now = clock.now();
        Lsn position = Lsn.max(status.written(), status.replayed());
        Endpoint following = OwnFiles.Role.followed(status.primaryConnInfo());
        Source source = new Source(following, status.usesArchive());
        Duration streamingFor = streamingFor(status, now);
        Movement last = movement;
        if (last == null
                || OwnPostgres.Standby.isSurelyStreaming(streamingFor)
                || position.isAfter(last.position())
                || !source.equals(last.source())) {
            last = new Movement(position, source, now);
            movement = last;
        }
        TimelineHistory history =
                files.history(status.timeline())
                        .orElseGet(() -> TimelineHistory.of(status.timeline()));
        return new OwnPostgres.Standby(
                status,
                history,
                following,
                now.since(last.at()),
                marks.reign().orElse(null),
                streamingFor,
                isColdStarted,
                marks.finished().map(Marks.Finished::forgotten).orElse(null));
    }

    private Duration streamingFor(ServerStatus status, BootTime now) {
        BootTime since = streamingSince;
        if (!status.isStreaming()) {
            since = null;
        } else if (since == null) {
            since = now;
        }
        streamingSince = since;
        return since == null ? Duration.ZERO : now.since(since);
    }

    private OwnPostgres primary(ServerStatus status, @Nullable ClusterView view) {
        BootTime now = clock.now();
        crashes.sawPrimary(status.written(), now);
        if (sawPrimarySince.equals(BootTime.ZERO)) {
            sawPrimarySince = now;
            recovered = isPromoted ? null : status.written();
            expectSynchronousSet(view, now);
        }
        for (ReplicationPeer peer : status.peers()) {
            if (peer.isStreaming()) {
                name(peer).ifPresent(name -> lastStreamed.put(name, now));
            }
        }
        Duration patience = settings.patience().absence();
        lastStreamed.values().removeIf(seen -> now.since(seen).compareTo(patience) > 0);
        Set<MemberName> attached = new HashSet<>(lastStreamed.keySet());
        return new OwnPostgres.Primary(
                status,
                new OwnPostgres.Replication(attached, barrier(status, view, now), recovered));
    }

    /** A new primary gives those it promised to share commits with a moment to come. */
    private void expectSynchronousSet(@Nullable ClusterView view, BootTime now) {
        if (view != null && view.state() != null && view.state().synchronous() != null) {
            view.state().synchronous().members().forEach(name -> lastStreamed.put(name, now));
            lastStreamed.remove(settings.self());
        }
    }

    private static Optional<MemberName> name(ReplicationPeer peer) {
        try {
            return Optional.of(new MemberName(peer.name()));
        } catch (IllegalArgumentException notAMember) {
            return Optional.empty();
        }
    }

    private @Nullable Lsn barrier(ServerStatus status, @Nullable ClusterView view, BootTime now) {
        ClusterState state = view == null ? null : view.state();
        SynchronousSet promised =
                state != null && state.primary().equals(settings.self())
                        ? state.synchronous()
                        : null;
        enforcement.look(status, promised != null && !promised.isEmpty(), isSettling, now);
        return enforcement.barrier();
    }

    /**
     * Whether commits surely wait for the set that is in force. That names are set does not show
     * it: none waits before the checkpointer has read the first names, and a checkpoint that begins
     * after the reload, and succeeds, proves that it has. From one set to another they go on
     * waiting. An earlier life of this process may not have come to its proof, so where the record
     * does not rest on one already this life makes its own.
     */
    static final class Enforcement {

        private final Activity settling;
        private final OwnServer server;

        /** One time, of one server, with names; another object for another one. */
        private Object term = new Object();

        private volatile @Nullable Object proven;
        private @Nullable SynchronousSet changedTo;
        private BootTime triedAt = BootTime.ZERO;
        private boolean isOverrideTold;
        private boolean isPromised;
        private String setting = "";
        private @Nullable BootTime since;
        private @Nullable Lsn barrier;

        Enforcement(Activity settling, OwnServer server) {
            this.settling = settling;
            this.server = server;
        }

        /** No name is set, or no primary is seen: what comes next has to be proven anew. */
        void end() {
            term = new Object();
            isPromised = false;
            since = null;
            barrier = null;
        }

        /**
         * Whether to set these names now. What was set a moment ago, and is still not in force,
         * another place overrides, as the command line does: then each try would cost a checkpoint.
         */
        boolean isDue(SynchronousSet next, BootTime now) {
            Duration tried = now.since(triedAt);
            boolean isRepeated = next.equals(changedTo) && tried.compareTo(AGAIN) < 0;
            if (!isRepeated) {
                isOverrideTold = isOverrideTold && next.equals(changedTo);
                triedAt = now;
            } else if (!isOverrideTold && tried.compareTo(SETTLING) > 0) {
                isOverrideTold = true;
                log.atWarn()
                        .addKeyValue("wanted", next.toSetting())
                        .log(
                                "synchronous_standby_names is overridden; see pg_file_settings and the"
                                        + " server's command line");
            }
            return !isRepeated;
        }

        /** After a reload. */
        void change(SynchronousSet next) {
            changedTo = next;
            since = null;
            barrier = null;
            if (next.isEmpty()) {
                end();
            } else {
                prove();
            }
        }

        /** One that fails is made again, after the pause of an act that failed. */
        void prove() {
            if (isProven()) {
                return;
            }
            Object proving = term;
            settling.begin(
                    "putting the synchronous set in force",
                    () -> {
                        server.checkpoint();
                        proven = proving;
                    });
        }

        private boolean isProven() {
            return isPromised || term.equals(proven);
        }

        /**
         * @param isPromised whether elections count on it already that commits wait: the record
         *     only ever came to say so after a proof
         */
        private void look(
                ServerStatus status, boolean isPromised, boolean isSettling, BootTime now) {
            String seen = status.synchronousStandbyNames();
            if (seen.isEmpty()) {
                end();
                return;
            }
            this.isPromised = isPromised;
            BootTime begin = since;
            if (begin == null || isSettling || !isProven() || !seen.equals(setting)) {
                setting = seen;
                since = now;
                barrier = null;
            } else if (barrier == null && now.since(begin).compareTo(SETTLING) > 0) {
                barrier = status.written();
            }
        }

        private @Nullable Lsn barrier() {
            return barrier;
        }
    }
}
