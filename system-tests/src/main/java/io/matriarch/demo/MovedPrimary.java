package io.matriarch.demo;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Waiting;
import io.matriarch.workload.RecordingWriter;
import java.sql.SQLException;
import java.time.Duration;

/** The primary dies, or is moved, while a client writes and remembers what it was promised. */
final class MovedPrimary {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Longer than this a person would call an outage. */
    private static final Duration LONGEST_GAP = Duration.ofSeconds(15);

    private static final int SOME = 200;

    private final Account account;
    private final RunningCluster cluster;

    MovedPrimary(Account account, RunningCluster cluster) {
        this.account = account;
        this.cluster = cluster;
    }

    /** What happens to the primary. */
    private interface Event {
        void befall(ClusterFile.Node primary) throws InterruptedException;
    }

    void killed() throws InterruptedException, SQLException {
        account.chapter(
                "failover", "The primary's postmaster is killed with -9 while a client writes.");
        endure("rows_under_failover", this::kill);
    }

    private void kill(ClusterFile.Node primary) {
        long pid = cluster.postmaster(primary).orElseThrow().pid();
        account.say("kill -9 " + pid + ", the postmaster of " + primary.name());
        RunningCluster.kill(pid);
    }

    void switchedOver() throws InterruptedException, SQLException {
        account.chapter("switchover", "The primary is moved on purpose while a client writes.");
        endure("rows_under_switchover", this::switchOver);
    }

    private void switchOver(ClusterFile.Node primary) throws InterruptedException {
        account.say("matriarch switchover, away from " + primary.name());
        cluster.command("switchover", "--yes", "--json").orFail();
    }

    private void endure(String table, Event event) throws InterruptedException, SQLException {
        Waiting.until("the cluster is whole", PATIENCE, cluster::isWhole);
        ClusterFile.Node old = cluster.primary();
        Duration rejoined;
        RecordingWriter.Verdict verdict;
        try (RecordingWriter writer = RecordingWriter.start(cluster.target(table))) {
            awaitMore(writer);
            long begun = System.nanoTime();
            event.befall(old);
            awaitSuccessor(old);
            awaitMore(writer);
            Waiting.until(
                    old.name() + " streams again", PATIENCE, () -> cluster.isStreaming(old.name()));
            rejoined = Duration.ofNanos(System.nanoTime() - begun);
            awaitMore(writer);
            verdict = writer.verdict();
        }
        String now = cluster.primary().name();
        account.claim("the primary", old.name() + ", then " + now, !now.equals(old.name()));
        account.claim(
                "longest gap in acknowledged writes",
                Account.seconds(verdict.longestGap()),
                verdict.longestGap().compareTo(LONGEST_GAP) < 0);
        account.claim(
                "acknowledged rows lost",
                verdict.lost().size() + " of " + verdict.acknowledged(),
                verdict.lost().isEmpty());
        account.claim(
                old.name() + " streams again, by itself, after", Account.seconds(rejoined), true);
    }

    private void awaitSuccessor(ClusterFile.Node old) throws InterruptedException {
        Waiting.until(
                "another member is primary",
                PATIENCE,
                () ->
                        cluster.primaryIfReachable()
                                .filter(node -> !node.name().equals(old.name()))
                                .isPresent());
    }

    private static void awaitMore(RecordingWriter writer) throws InterruptedException {
        int before = writer.count();
        Waiting.until("writes go through", PATIENCE, () -> writer.count() > before + SOME);
    }
}
