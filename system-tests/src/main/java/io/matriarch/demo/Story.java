package io.matriarch.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Repository;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Waiting;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The chapters, in their order. */
final class Story {

    private static final int SCALE = 5;
    private static final long ACCOUNTS = 100_000L * SCALE;
    private static final String SECONDS_OF_LOAD = "3";
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final Account account;
    private final Stage stage;
    private final RunningCluster cluster;

    Story(Account account, Stage stage) {
        this.account = account;
        this.stage = stage;
        this.cluster = stage.cluster();
    }

    void tell() throws InterruptedException, SQLException {
        starts();
        loads();
        backsUp();
        MovedPrimary moves = new MovedPrimary(account, cluster);
        moves.killed();
        moves.switchedOver();
        DroppedTable table = new DroppedTable(account, stage);
        table.drop();
        table.restoreFiles();
        table.restoreServer();
        prunes(table.notedTime());
        ends();
    }

    private void starts() throws InterruptedException, SQLException {
        account.chapter("cluster", "A cluster is born: three Postgres, each under a supervisor.");
        Ended up = cluster.up();
        account.claim("from nothing to writes and standbys", Account.seconds(up.duration()), true);
        int streaming = cluster.streamingStandbys();
        account.claim("standbys that stream", streaming + " of 2", streaming == 2);
        account.say(cluster.primary().name() + " is the primary; clients know only the ambassador");
    }

    private void loads() throws InterruptedException, SQLException {
        account.chapter("load", "pgbench loads its tables through the ambassador, and uses them.");
        Ended load = pgbench("--initialize", "--quiet", "--scale=" + SCALE);
        long rows = cluster.application().number("SELECT count(*) FROM pgbench_accounts");
        account.claim(
                "accounts loaded",
                rows + " rows in " + Account.seconds(load.duration()),
                rows == ACCOUNTS);
        pgbench("--client=4", "--time=" + SECONDS_OF_LOAD, "--no-vacuum");
        long changed = cluster.application().number("SELECT count(*) FROM pgbench_history");
        account.claim(
                "transactions, each on two machines before it counts",
                changed + " in " + SECONDS_OF_LOAD + " s",
                changed > 0);
    }

    private Ended pgbench(String... options) throws InterruptedException {
        String[] words = new String[options.length + 1];
        System.arraycopy(options, 0, words, 0, options.length);
        words[options.length] = cluster.file().database();
        URI address = URI.create("tcp://" + cluster.file().ambassador().readWrite());
        Map<String, String> environment =
                Map.of(
                        "PGHOST", address.getHost(),
                        "PGPORT", Integer.toString(address.getPort()),
                        "PGUSER", cluster.file().user(),
                        "PGPASSWORD", cluster.file().password());
        return stage.restoring().postgres(environment, "pgbench", words).orFail();
    }

    private void backsUp() throws InterruptedException, SQLException {
        account.chapter("backup", "A base backup and all WAL go to S3.");
        JsonNode taken = cluster.command("backup", "--json").orFail().json();
        String id = taken.path("id").asText();
        try (Repository repository = Repository.of(cluster.file())) {
            account.claim(
                    "base backup " + id,
                    Account.megabytes(taken.path("bytes").asLong())
                            + " as "
                            + Account.megabytes(taken.path("storedBytes").asLong())
                            + " in "
                            + Account.seconds(
                                    Duration.ofMillis(taken.path("durationMillis").asLong())),
                    repository.backups().contains(id));
            Repository.Amount segments = repository.segments();
            long failed = cluster.superuser().number("SELECT failed_count FROM pg_stat_archiver");
            account.claim(
                    "WAL segments in the repository",
                    segments.count() + ", " + Account.megabytes(segments.bytes()) + " compressed",
                    segments.count() > 0);
            account.claim("segments that Postgres could not archive", "" + failed, failed == 0);
        }
    }

    private void prunes(String goneTime) throws InterruptedException {
        account.chapter("retention", "Old backups are pruned, and the last one still restores.");
        String last = cluster.command("backup", "--json").orFail().json().path("id").asText();
        try (Repository repository = Repository.of(cluster.file())) {
            int backups = repository.backups().size();
            int segments = repository.segments().count();
            // The window begins after the last backup, so that nothing before it is needed.
            long begun = System.nanoTime();
            Waiting.until("the window is over", WINDOW, () -> System.nanoTime() - begun > 1.5e9);
            account.say("matriarch prune --keep-count 1 --keep-window 1s");
            cluster.command("prune", "--keep-count", "1", "--keep-window", "1s", "--yes", "--json")
                    .orFail();
            account.claim(
                    "base backups, before and after",
                    backups + " and " + repository.backups().size(),
                    backups > 1 && repository.backups().equals(List.of(last)));
            int left = repository.segments().count();
            account.claim(
                    "WAL segments, before and after",
                    segments + " and " + left,
                    left > 0 && left < segments);
        }
        Ended plan = restorePlan("--latest").orFail();
        String chosen = plan.json().path("plan").path("backup").asText();
        account.claim("the latest state is restored from", chosen, chosen.equals(last));
        Ended refused = restorePlan("--point-in-time", goneTime);
        account.say(
                "asked for a moment that is gone: "
                        + refused.errors().lines().findFirst().orElse(""));
        account.claim(
                "a moment that is gone is refused with",
                "exit " + refused.status(),
                refused.status() == 3);
    }

    private Ended restorePlan(String... target) throws InterruptedException {
        String[] options = new String[target.length + 4];
        options[0] = "--target-dir";
        options[1] = stage.resolve("never").toString();
        options[2] = "--dry-run";
        options[3] = "--json";
        System.arraycopy(target, 0, options, 4, target.length);
        return cluster.command("restore", options);
    }

    private void ends() throws InterruptedException {
        account.chapter("end", "Everything is ended.");
        int left = stage.endProcesses().size();
        account.claim("processes left", "" + left, left == 0);
    }
}
