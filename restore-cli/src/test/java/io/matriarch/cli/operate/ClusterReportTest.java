package io.matriarch.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterReportTest {

    private static final Instant NOW = Instant.parse("2026-11-21T08:30:00Z");
    private static final TimelineId TIMELINE = new TimelineId(2);
    private static final List<MemberName> EXPECTED =
            List.of(new MemberName("a"), new MemberName("b"));
    private static final ArchiveGlance ARCHIVE =
            new ArchiveGlance(
                    "file:///archive",
                    "000000020000000000000004",
                    NOW.minusSeconds(5),
                    1536L,
                    3,
                    new ArchiveGlance.LastBackup("id", NOW.minusSeconds(3600), "b", 1 << 20),
                    null,
                    null,
                    null,
                    null);

    private static ClusterState state(Phase phase) {
        return new ClusterState(
                ClusterState.FORMAT,
                Epoch.parse("3"),
                new MemberName("a"),
                "incarnation",
                phase,
                new Lineage(TIMELINE, Lsn.parse("0/4000000")),
                new Endpoint("127.0.0.1", 5432),
                SynchronousSet.any(1, List.of(new MemberName("b"))),
                new SystemIdentifier(7),
                false,
                null,
                null);
    }

    private static MemberStatus member(String name, Role role, String received) {
        return member(
                name, role, received, new ArchivingReport(0, null, 30, 100, null, null, null));
    }

    private static MemberStatus member(
            String name, Role role, String received, ArchivingReport archiving) {
        return new MemberStatus(
                new MemberName(name),
                "incarnation",
                new Endpoint("127.0.0.1", 5432),
                new MemberStatus.Sidecar("http://127.0.0.1:8008", "what it does", archiving),
                role,
                new SystemIdentifier(7),
                TIMELINE,
                Lsn.parse(received),
                Lsn.parse(received),
                20,
                new MemberStatus.Build("1", 150_014));
    }

    private static ClusterReport report(Phase phase, ArchiveGlance archive, MemberStatus... live) {
        return ClusterReport.of(
                new ClusterReport.Expectation("local", EXPECTED, ArchiveAlarm.DEFAULT),
                NOW,
                new ClusterView(state(phase), 1, Arrays.asList(live), List.of(), List.of(), null),
                state(phase),
                List.of(),
                archive);
    }

    @Test
    void a_cluster_that_is_well_has_no_problems() {
        ClusterReport report =
                report(
                        Phase.READY,
                        ARCHIVE,
                        member("a", Role.PRIMARY, "0/5000400"),
                        member("b", Role.STREAMING, "0/5000000"));

        assertThat(report.problems()).isEmpty();
        assertThat(report.members().getLast().lagBytes()).isEqualTo(1024);
        assertThat(report.members().getLast().lagMillis()).isEqualTo(20);
        assertThat(report.members().getFirst().lagBytes()).isNull();
    }

    /** The one that has the most would be elected. */
    @Test
    void an_asynchronous_cluster_tells_what_a_failover_would_lose() {
        ClusterState asynchronous = state(Phase.READY).withSynchronous(null);

        assertThat(loss(asynchronous, "0/5000000", "0/5000300")).isEqualTo(256);
        assertThat(loss(asynchronous)).isNull();
        assertThat(loss(state(Phase.READY).withSynchronous(SynchronousSet.NONE), "0/5000000"))
                .isNull();
    }

    private static @Nullable Long loss(ClusterState state, String... standbys) {
        List<MemberStatus> live = new ArrayList<>();
        live.add(member("a", Role.PRIMARY, "0/5000400"));
        for (String received : standbys) {
            live.add(member("s" + live.size(), Role.STREAMING, received));
        }
        return ClusterReport.of(
                        new ClusterReport.Expectation("local", EXPECTED, ArchiveAlarm.DEFAULT),
                        NOW,
                        new ClusterView(state, 1, live, List.of(), List.of(), null),
                        state,
                        List.of(),
                        ARCHIVE)
                .lossBytes();
    }

    @Test
    void every_problem_is_a_sentence_of_its_own() {
        ArchiveGlance silent =
                new ArchiveGlance(
                        "file:///archive",
                        null,
                        null,
                        null,
                        0,
                        null,
                        null,
                        null,
                        null,
                        "no answer");

        ClusterReport report =
                report(Phase.PROMOTING, silent, member("a", Role.STARTING, "0/5000400"));

        assertThat(report.problems())
                .containsExactly(
                        "no writes are taken: the cluster is promoting",
                        "b is gone",
                        "archive: no answer");
    }

    @Test
    void wal_that_piles_up_is_a_problem_and_a_busy_archiver_is_none() {
        assertThat(problemsWith(NOW.minusSeconds(400), 96L << 20))
                .singleElement()
                .asString()
                .startsWith("archive: ")
                .contains("of WAL wait; the last segment arrived");
        assertThat(problemsWith(NOW.minusSeconds(1), 2L << 30)).hasSize(1);
        assertThat(problemsWith(NOW.minusSeconds(1), 96L << 20)).isEmpty();
        assertThat(problemsWith(NOW.minusSeconds(86_400), 96L)).isEmpty();
    }

    private static List<String> problemsWith(Instant lastArchived, long behind) {
        ArchiveGlance archive =
                new ArchiveGlance(
                        ARCHIVE.repository(),
                        ARCHIVE.lastSegment(),
                        lastArchived,
                        behind,
                        ARCHIVE.backups(),
                        ARCHIVE.lastBackup(),
                        null,
                        null,
                        null,
                        null);
        return report(
                        Phase.READY,
                        archive,
                        member("a", Role.PRIMARY, "0/5000400"),
                        member("b", Role.STREAMING, "0/5000000"))
                .problems();
    }

    @Test
    void alarms_of_the_members_are_problems_and_stand_in_the_json() {
        ArchivingReport piledUp =
                new ArchivingReport(
                        7,
                        NOW.minusSeconds(700),
                        3L << 20,
                        100L << 20,
                        "7 files of WAL wait",
                        "the volume of pg_wal is nearly full",
                        "the archive has a gap");
        ClusterReport report =
                report(
                        Phase.READY,
                        ARCHIVE,
                        member("a", Role.PRIMARY, "0/5000400", piledUp),
                        member("b", Role.STREAMING, "0/5000400", piledUp));

        assertThat(report.problems())
                .containsExactly(
                        "a: 7 files of WAL wait",
                        "a: the archive has a gap",
                        "a: the volume of pg_wal is nearly full",
                        "b: the volume of pg_wal is nearly full");
        assertThat(text(report))
                .contains("; the oldest file has waited for 11 min 40 s")
                .contains("  -   3 %  -  ")
                .contains("! a: 7 files of WAL wait");
        assertThat(ClusterJson.text(report))
                .contains(
                        "\"archiving\":{\"waiting\":7,\"oldest\":\"2026-11-21T08:18:20Z\","
                                + "\"freeBytes\":3145728,\"totalBytes\":104857600,"
                                + "\"walAlarm\":\"7 files of WAL wait\","
                                + "\"volumeAlarm\":\"the volume of pg_wal is nearly full\","
                                + "\"gapAlarm\":\"the archive has a gap\"}");
    }

    private static String text(ClusterReport report) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        new StatusText(report, new Terminal(writer, writer, null, false)).print();
        return out.toString();
    }

    @Test
    void a_primary_that_is_not_the_clusters_is_a_problem() {
        ClusterReport report =
                report(
                        Phase.READY,
                        ARCHIVE,
                        member("a", Role.PRIMARY, "0/5000400"),
                        member("b", Role.PRIMARY, "0/5000400"));

        assertThat(report.problems())
                .containsExactly("b runs as a primary, and is not the cluster's");
    }

    @Test
    void what_a_verification_found_damaged_is_a_problem() {
        ArchiveGlance damaged =
                new ArchiveGlance(
                        ARCHIVE.repository(),
                        ARCHIVE.lastSegment(),
                        ARCHIVE.lastArchived(),
                        ARCHIVE.behindBytes(),
                        ARCHIVE.backups(),
                        ARCHIVE.lastBackup(),
                        null,
                        new ArchiveGlance.Verified(
                                NOW.minusSeconds(7200), 12, 3 << 20, List.of("object x: bad")),
                        null,
                        null);
        ClusterReport report =
                report(
                        Phase.READY,
                        damaged,
                        member("a", Role.PRIMARY, "0/5000400"),
                        member("b", Role.STREAMING, "0/5000400"));

        assertThat(report.problems()).containsExactly("archive: object x: bad");
        assertThat(text(report))
                .contains("verified     3.0 MB, 2 h ago; 1 object damaged or missing");
    }

    @Test
    void a_drill_that_failed_is_a_problem_and_one_that_has_proven_something_is_told_of() {
        ClusterReport failed = drilled("restore: object x: damaged");
        ClusterReport well = drilled(null);

        assertThat(failed.problems())
                .containsExactly("archive: the last drill failed at restore: object x: damaged");
        assertThat(text(failed))
                .contains("drilled      2 h ago on host9: failed at restore: object x: damaged");
        assertThat(well.problems()).isEmpty();
        assertThat(text(well))
                .contains(
                        "drilled      id to 0/5000028 (%s), 2 h ago on host9; RTO 1 min 3 s, RPO 40 s; not checked with pg_amcheck: none here"
                                .formatted(Amounts.time(NOW.minusSeconds(9000))));
    }

    private static ClusterReport drilled(@Nullable String failure) {
        return report(
                Phase.READY,
                new ArchiveGlance(
                        ARCHIVE.repository(),
                        ARCHIVE.lastSegment(),
                        ARCHIVE.lastArchived(),
                        ARCHIVE.behindBytes(),
                        ARCHIVE.backups(),
                        ARCHIVE.lastBackup(),
                        null,
                        null,
                        new LastDrill(
                                NOW.minusSeconds(7200),
                                "host9",
                                "id",
                                "0/5000028",
                                NOW.minusSeconds(9000),
                                63_000L,
                                40_000L,
                                List.of("pg_amcheck: none here"),
                                failure),
                        null),
                member("a", Role.PRIMARY, "0/5000400"),
                member("b", Role.STREAMING, "0/5000400"));
    }

    /** Nobody can do anything about it today, so it is no problem. */
    @Test
    void a_store_that_may_overwrite_is_told_of_and_is_no_problem() {
        ArchiveGlance unprotected =
                new ArchiveGlance(
                        ARCHIVE.repository(),
                        ARCHIVE.lastSegment(),
                        ARCHIVE.lastArchived(),
                        ARCHIVE.behindBytes(),
                        ARCHIVE.backups(),
                        ARCHIVE.lastBackup(),
                        "ignored",
                        null,
                        null,
                        null);
        ClusterReport report =
                report(
                        Phase.READY,
                        unprotected,
                        member("a", Role.PRIMARY, "0/5000400"),
                        member("b", Role.STREAMING, "0/5000400"));

        assertThat(report.problems()).isEmpty();
        assertThat(text(report)).contains("caution      the store ignores conditional writes");
        assertThat(ClusterJson.text(report)).contains("\"conditionalWrites\":\"ignored\"");
    }

    @Test
    void the_json_has_the_documented_fields() {
        String json =
                ClusterJson.text(
                        report(
                                Phase.READY,
                                ARCHIVE,
                                member("a", Role.PRIMARY, "0/5000400"),
                                member("b", Role.STREAMING, "0/5000400")));

        assertThat(json)
                .contains(
                        "\"cluster\":\"local\"",
                        "\"time\":\"2026-11-21T08:30:00Z\"",
                        "\"problems\":[]",
                        "\"state\":{\"epoch\":3,\"phase\":\"ready\",\"primary\":\"a\"",
                        "\"timeline\":2,\"switchedAt\":\"0/4000000\",\"systemIdentifier\":\"7\"",
                        "\"synchronous\":{\"members\":[\"b\"],\"quorum\":1}",
                        "{\"name\":\"b\",\"role\":\"streaming\",\"doing\":\"what it does\"",
                        "\"lastArchived\":\"2026-11-21T08:29:55Z\",\"behindBytes\":1536",
                        "\"lastBackup\":{\"id\":\"id\",\"stopTime\":\"2026-11-21T07:30:00Z\"");
    }

    @Test
    void a_person_reads_it_at_a_glance() {
        ClusterReport report = report(Phase.READY, ARCHIVE, member("a", Role.PRIMARY, "0/5000400"));

        assertThat(text(report).lines())
                .containsExactly(
                        "cluster local: ready, primary a, epoch 3, timeline 2",
                        "commits wait for: any 1 of b",
                        "",
                        "member  role     timeline  position   behind  delay  room  sync  address"
                                + "         doing",
                        "a       primary         2  0/5000400       -      -  30 %  -     127.0.0.1:5432"
                                + "  what it does",
                        "b       gone            -  -               -      -     -  yes   -             "
                                + "  its sidecar does not answer",
                        "",
                        "repository   file:///archive",
                        "archived     up to 000000020000000000000004, 5 s ago; 1.5 kB of WAL not"
                                + " there yet",
                        "last backup  id, 1 h ago, 1.0 MB; 3 in all",
                        "verified     nothing yet",
                        "drilled      nothing yet",
                        "! b is gone");
    }
}
