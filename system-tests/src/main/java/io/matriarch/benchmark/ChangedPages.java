package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Server;

/** Changes one page in a hundred of pgbench's accounts, and counts what that has changed in all. */
final class ChangedPages {

    private static final int ROWS_PER_PAGE = 61;
    private static final int EVERY = 100 * ROWS_PER_PAGE;
    private static final long PAGE = 8192;

    private final Server server;
    private int turn;

    ChangedPages(Server server) {
        this.server = server;
    }

    static ChangedPages of(Server server) throws InterruptedException {
        server.sql("CREATE EXTENSION IF NOT EXISTS pageinspect");
        server.sql("VACUUM");
        return new ChangedPages(server);
    }

    /** One row in each hundredth page, and what its index and its new version need. */
    void change() throws InterruptedException {
        turn++;
        server.sql(
                "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid %% %d = %d"
                        .formatted(EVERY, turn * ROWS_PER_PAGE));
    }

    /** From where on the next backup will look: the last backup's checkpoint is the last one. */
    String position() throws InterruptedException {
        return server.sql("SELECT redo_lsn FROM pg_control_checkpoint()");
    }

    /** Bytes of all pages that have changed since, by what the server says of each. */
    long bytesSince(String position) throws InterruptedException {
        return PAGE
                * Long.parseLong(
                        server.sql(
                                "SELECT count(*) FROM pg_class c,"
                                        + " generate_series(0, pg_relation_size(c.oid) / 8192 - 1) b,"
                                        + " page_header(get_raw_page(c.oid::regclass::text, b::int)) h"
                                        + " WHERE c.relkind IN ('r', 'i', 't', 'm', 'S')"
                                        + " AND c.relpersistence = 'p'"
                                        + " AND h.lsn >= '"
                                        + position
                                        + "'"));
    }
}
