package io.matriarch.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.outside.Database;
import io.matriarch.outside.Ended;
import io.matriarch.outside.FreePort;
import io.matriarch.outside.Repository;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Waiting;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/** Somebody drops a table; the moment before is fetched back. */
final class DroppedTable {

    private static final Duration ARCHIVING = Duration.ofSeconds(60);
    private static final String NOW =
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                    + " 'YYYY-MM-DD HH24:MI:SS.US') || 'Z'";

    private final Account account;
    private final Stage stage;
    private final RunningCluster cluster;
    private final Restoring restoring;
    private Contents before = new Contents("", "");
    private String notedTime = "";

    DroppedTable(Account account, Stage stage) {
        this.account = account;
        this.stage = stage;
        this.cluster = stage.cluster();
        this.restoring = stage.restoring();
    }

    /** Number and checksum of all rows of two tables. */
    private record Contents(String orders, String accounts) {

        static Contents of(Database database) throws SQLException {
            return new Contents(rows(database, "orders"), rows(database, "pgbench_accounts"));
        }

        private static String rows(Database database, String table) throws SQLException {
            return database.text(
                    "SELECT count(*) || ' rows, checksum ' ||"
                            + " to_hex(bit_xor(hashtextextended(t::text, 0))) FROM "
                            + table
                            + " t");
        }
    }

    /** The last moment at which all was well, by the server's clock. */
    String notedTime() {
        return notedTime;
    }

    void drop() throws SQLException, InterruptedException {
        account.chapter("dropped table", "Somebody drops a table, and the day goes on.");
        Database database = cluster.application();
        database.execute(
                "CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS note, now() AS made"
                        + " FROM generate_series(1, 20000) n");
        before = Contents.of(database);
        notedTime = database.text(NOW);
        database.execute("DROP TABLE orders");
        String dropped = database.text(NOW);
        account.say("orders had " + before.orders());
        account.say("all was well at " + notedTime + "; orders was gone at " + dropped);
        database.execute(
                "CREATE TABLE written_later AS SELECT n FROM generate_series(1, 1000) n",
                "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid <= 1000");
        boolean isChanged = !Contents.rows(database, "pgbench_accounts").equals(before.accounts());
        account.claim("writes after the drop", "1000 rows, 1000 balances", isChanged);
        String segment = cluster.superuser().text("SELECT pg_walfile_name(pg_switch_wal())");
        try (Repository repository = Repository.of(cluster.file())) {
            Duration waited =
                    Waiting.until(
                            "segment " + segment + " is in the repository",
                            ARCHIVING,
                            () -> repository.holdsSegment(segment));
            account.claim(
                    "the segment with the drop is in S3 after", Account.seconds(waited), true);
        }
    }

    /** Into a directory, without a server, to have PostgreSQL's own program look at it. */
    void restoreFiles() throws InterruptedException {
        account.chapter(
                "verify", "The backup is restored, and PostgreSQL's own program checks it.");
        Path target = stage.resolve("verified");
        Ended restored = restoring.files(target, notedTime).orFail();
        account.claim("restored", Account.seconds(restored.duration()), true);
        Ended verified = restoring.verify(target);
        account.claim(
                "pg_verifybackup -n",
                verified.status() == 0
                        ? verified.output().strip()
                        : verified.errors().strip() + verified.output().strip(),
                verified.status() == 0);
    }

    /** Into another directory, and a server on it. */
    void restoreServer() throws InterruptedException, SQLException {
        account.chapter(
                "point in time", "The moment before the drop is restored and started beside.");
        Path target = stage.resolve("restored");
        int port = FreePort.draw();
        stage.watch(target);
        Ended restored = restoring.server(target, notedTime, port).orFail();
        JsonNode server = restored.json().path("server");
        account.claim(
                "from the command to a server that answers",
                Account.seconds(restored.duration()),
                server.path("port").asInt() == port);
        account.say(
                "the last transaction in it was committed at "
                        + server.path("lastCommit").asText());
        Database database = cluster.application().at("127.0.0.1:" + port);
        Contents after = Contents.of(database);
        account.claim("orders", after.orders(), after.orders().equals(before.orders()));
        account.claim(
                "pgbench_accounts", after.accounts(), after.accounts().equals(before.accounts()));
        String later = database.text("SELECT to_regclass('written_later')");
        account.claim(
                "what was written later is not there",
                later.equals("null") ? "absent" : later,
                later.equals("null"));
        stage.stopRestored();
    }
}
