package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Server;
import java.io.IOException;
import java.util.List;

/**
 * A hundred full segments of an ordinary load, which PostgreSQL wants archived: bulk inserts and
 * updates with full-page images.
 */
final class Backlog {

    static final int SEGMENTS = 100;

    private final Server server;
    private List<String> segments = List.of();

    Backlog(Server server) {
        this.server = server;
    }

    /** Writes the log, while nothing is archived. */
    void write() throws InterruptedException {
        server.archiveBy("");
        server.sql("CREATE TABLE IF NOT EXISTS load (id bigint, text text)");
        int before = server.segments("ready").size();
        for (int i = 0; server.segments("ready").size() < before + SEGMENTS; i++) {
            server.sql("INSERT INTO load SELECT g, md5(g::text) FROM generate_series(1, 300000) g");
            server.sql(
                    "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid BETWEEN %d AND %d"
                            .formatted(i * 100_000 + 1, (i + 1) * 100_000));
            server.sql("CHECKPOINT");
        }
        segments = server.segments("ready").subList(before, before + SEGMENTS);
    }

    List<String> segments() {
        return segments;
    }

    /** PostgreSQL wants all of it archived anew, and nothing else. */
    void pending() throws IOException {
        server.forgetNothingBut(segments);
    }

    boolean isArchived() {
        return server.segments("done").containsAll(segments);
    }
}
