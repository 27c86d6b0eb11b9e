package io.matriarch.cli.operate;

import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.RunningBackup;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster at one moment, and what is not well with it: also the JSON of {@code status --json}.
 *
 * @param problems one sentence each; none if all is well
 * @param synchronous absent in asynchronous mode
 * @param lossBytes in asynchronous mode, the WAL that a failover at this moment would lose, if that
 *     is accepted; absent while nobody streams, or it cannot be said
 * @param runningBackups that are being taken
 */
record ClusterReport(
        String cluster,
        Instant time,
        List<String> problems,
        State state,
        @Nullable Synchronous synchronous,
        @Nullable Long lossBytes,
        List<Row> members,
        List<BackupView> runningBackups,
        ArchiveGlance archive) {

    /** Below this a standby is as good as level. */
    private static final long FAR_BEHIND = 1L << 30;

    /**
     * @param phase in lower case
     * @param primary the last one, unless the phase is {@code ready} or {@code draining}
     * @param switchedAt where this timeline left its parent
     */
    record State(
            long epoch,
            String phase,
            String primary,
            long timeline,
            String switchedAt,
            @Nullable String systemIdentifier,
            boolean paused) {

        private static State of(ClusterState state) {
            SystemIdentifier system = state.systemIdentifier();
            return new State(
                    state.epoch().value(),
                    lower(state.phase()),
                    state.primary().value(),
                    state.lineage().timeline().value(),
                    state.lineage().switchedAt().toString(),
                    system == null ? null : system.toString(),
                    state.paused());
        }
    }

    /** Any {@code quorum} of {@code members} have every acknowledged commit. */
    record Synchronous(List<String> members, int quorum) {}

    /**
     * One member.
     *
     * @param role in lower case; {@code gone} if it should be there and is not
     * @param lagBytes how far its disk is behind the primary's log; absent if that cannot be said
     * @param lagMillis how far its queries are behind; absent if that cannot be said
     * @param version of PostgreSQL; absent while it has not answered
     * @param archiving WAL that waits there, and the room for it; absent if it does not tell
     */
    record Row(
            String name,
            String role,
            String doing,
            boolean synchronous,
            @Nullable Long timeline,
            @Nullable String postgres,
            @Nullable String received,
            @Nullable Long lagBytes,
            @Nullable Long lagMillis,
            @Nullable String version,
            @Nullable ArchivingReport archiving) {}

    /**
     * What was said beforehand.
     *
     * @param members that should be there
     * @param alarm from when on WAL that is not archived is trouble
     */
    record Expectation(String cluster, List<MemberName> members, ArchiveAlarm alarm) {}

    /** Puts together what is known. */
    static ClusterReport of(
            Expectation expected,
            Instant time,
            ClusterView view,
            ClusterState state,
            List<RunningBackup> running,
            ArchiveGlance archive) {
        List<Row> rows = rows(view, state, expected.members());
        SynchronousSet set = state.synchronous();
        return new ClusterReport(
                expected.cluster(),
                time,
                problems(view, state, rows, archive, backlog(archive, expected.alarm(), time)),
                State.of(state),
                set == null
                        ? null
                        : new Synchronous(
                                set.members().stream().map(MemberName::value).toList(),
                                set.quorum()),
                set == null ? loss(rows) : null,
                rows,
                running.stream().map(BackupView::of).toList(),
                archive);
    }

    private static @Nullable Long loss(List<Row> rows) {
        return rows.stream()
                .filter(row -> row.role.equals("streaming"))
                .flatMap(row -> Stream.ofNullable(row.lagBytes))
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    /** The end of the primary's log; empty if it does not say. */
    static Optional<Lsn> position(ClusterView view, ClusterState state) {
        return view.member(state.primary())
                .filter(member -> member.role() == Role.PRIMARY)
                .map(MemberStatus::received);
    }

    private static List<Row> rows(ClusterView view, ClusterState state, List<MemberName> expected) {
        List<Row> rows = new ArrayList<>();
        view.members().forEach(member -> rows.add(row(member, view, state)));
        expected.stream()
                .filter(name -> !view.isLive(name))
                .forEach(name -> rows.add(gone(name, state)));
        rows.sort(Comparator.comparing(Row::name));
        return rows;
    }

    private static Row row(MemberStatus member, ClusterView view, ClusterState state) {
        TimelineId timeline = member.timeline();
        Optional<Lsn> position =
                position(view, state)
                        .filter(_ -> state.lineage().timeline().equals(timeline))
                        .filter(_ -> member.role() != Role.PRIMARY);
        // A standby may have told of itself a moment after the primary did.
        Long lagBytes = position.map(end -> end.beyond(member.received())).orElse(null);
        boolean isLagKnown = member.lagMillis() >= 0 && member.role() == Role.STREAMING;
        int version = member.build().postgres();
        return new Row(
                member.name().value(),
                lower(member.role()),
                member.sidecar().doing(),
                isSynchronous(member.name(), state),
                timeline == null ? null : timeline.value(),
                member.postgres().toString(),
                member.received().toString(),
                lagBytes,
                isLagKnown ? member.lagMillis() : null,
                version == 0 ? null : new PostgresVersion(version).toString(),
                member.sidecar().archiving());
    }

    private static Row gone(MemberName name, ClusterState state) {
        return new Row(
                name.value(),
                "gone",
                "its sidecar does not answer",
                isSynchronous(name, state),
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static boolean isSynchronous(MemberName name, ClusterState state) {
        SynchronousSet set = state.synchronous();
        return set != null && set.members().contains(name);
    }

    private static List<String> problems(
            ClusterView view,
            ClusterState state,
            List<Row> rows,
            ArchiveGlance archive,
            Optional<String> backlog) {
        List<String> problems = new ArrayList<>();
        if (state.phase() != Phase.READY) {
            problems.add("no writes are taken: the cluster is " + lower(state.phase()));
        } else if (position(view, state).isEmpty()) {
            problems.add("the primary " + state.primary() + " does not run");
        }
        if (state.paused()) {
            problems.add("maintenance: the primary does not change by itself");
        }
        for (Row row : rows) {
            problem(row, state).ifPresent(problems::add);
        }
        SynchronousSet set = state.synchronous();
        if (set != null && set.isEmpty() && view.members().size() > 1) {
            problems.add("no standby confirms commits: a failover could lose some");
        }
        String trouble = archive.trouble();
        if (trouble != null) {
            problems.add("archive: " + trouble);
        } else if (archive.lastBackup() == null) {
            problems.add("there is no base backup: nothing can be restored");
        }
        ArchiveGlance.Verified verified = archive.verified();
        if (verified != null) {
            problems.addAll(verified.problems());
        }
        LastDrill drill = archive.drilled();
        if (drill != null && drill.failure() != null) {
            problems.add("archive: the last drill failed at " + drill.failure());
        }
        backlog.ifPresent(problems::add);
        for (Row row : rows) {
            problems.addAll(alarms(row));
        }
        return problems;
    }

    private static Optional<String> backlog(
            ArchiveGlance archive, ArchiveAlarm alarm, Instant now) {
        Long behind = archive.behindBytes();
        Instant last = archive.lastArchived();
        if (behind == null || last == null || !alarm.isFarBehind(behind, last, now)) {
            return Optional.empty();
        }
        return Optional.of(
                "archive: "
                        + Amounts.bytes(behind)
                        + " of WAL wait; the last segment arrived "
                        + Amounts.ago(last, now));
    }

    /** What waits on a standby is left from its own reign, and the primary sees to it. */
    private static List<String> alarms(Row row) {
        ArchivingReport archiving = row.archiving;
        if (archiving == null) {
            return List.of();
        }
        return Stream.of(
                        row.role.equals("primary") ? archiving.walAlarm() : null,
                        row.role.equals("primary") ? archiving.gapAlarm() : null,
                        archiving.volumeAlarm())
                .filter(Objects::nonNull)
                .map(alarm -> row.name + ": " + alarm)
                .toList();
    }

    private static Optional<String> problem(Row row, ClusterState state) {
        boolean isPrimary = row.name.equals(state.primary().value());
        Long lag = row.lagBytes;
        if (row.role.equals("gone")) {
            return Optional.of(row.name + " is gone");
        }
        if (row.role.equals("primary") && !isPrimary) {
            return Optional.of(row.name + " runs as a primary, and is not the cluster's");
        }
        if (!isPrimary && !row.role.equals("streaming")) {
            return Optional.of(row.name + " does not stream: " + row.doing);
        }
        return lag != null && lag > FAR_BEHIND
                ? Optional.of(row.name + " is far behind the primary")
                : Optional.empty();
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
