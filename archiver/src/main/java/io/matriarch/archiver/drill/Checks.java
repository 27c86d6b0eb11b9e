package io.matriarch.archiver.drill;

import io.matriarch.archiver.drill.DrillReport.Check;
import io.matriarch.archiver.drill.DrillReport.Outcome;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.ServerTools;
import io.matriarch.postgres.sql.CheckQuery;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.ServerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether a restored server's data is in order, as PostgreSQL's own programs and a query see it.
 */
final class Checks {

    static final String AMCHECK = "pg_amcheck";
    static final String CHECKSUMS = "pg_checksums";
    static final String QUERY = "query";

    private static final String AVAILABLE =
            "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck')";

    private static final int NAMED_LINES = 3;

    private final ServerTools tools;
    private final int parallel;
    private final Duration patience;

    Checks(ServerTools tools, int parallel, Duration patience) {
        this.tools = tools;
        this.parallel = parallel;
        this.patience = patience;
    }

    /**
     * Every table and B-tree index of every database. The extension is created where it is missing:
     * the server is thrown away.
     *
     * @param address through a Unix socket
     */
    Check amcheck(ServerAddress address) throws InterruptedException {
        if (!tools.has(AMCHECK)) {
            return absent(AMCHECK);
        }
        try {
            if (new CheckQuery(address, patience).run(AVAILABLE).isRefuted()) {
                return new Check(
                        AMCHECK,
                        Outcome.SKIPPED,
                        "the extension amcheck is not installed with PostgreSQL on this host");
            }
        } catch (ServerException e) {
            return refused(AMCHECK, e);
        }
        ServerTools.Ended ended =
                tools.run(
                        AMCHECK,
                        List.of(
                                "--all",
                                "--install-missing",
                                "--heapallindexed",
                                "--no-password",
                                "--jobs=" + parallel,
                                "--host=" + address.socketDirectory().orElseThrow(),
                                "--port=" + address.port(),
                                "--username=" + address.user()),
                        patience);
        return of(AMCHECK, ended, "every table and B-tree index of every database");
    }

    /** Every page of a directory whose server has stopped. */
    Check checksums(Path data) throws InterruptedException {
        return tools.has(CHECKSUMS)
                ? of(
                        CHECKSUMS,
                        tools.run(CHECKSUMS, List.of("--check", "--pgdata=" + data), patience),
                        "every page")
                : absent(CHECKSUMS);
    }

    /**
     * The query of whoever wants to know.
     *
     * @throws RestoreException if it takes too long
     */
    Check query(ServerAddress address, DrillOptions.Query query) {
        try {
            CheckQuery.Answer answer =
                    new CheckQuery(address.in(query.database()), patience).run(query.sql());
            String found =
                    answer.rows()
                            + (answer.rows() == 1 ? " row" : " rows")
                            + answer.first().map(it -> ", the first value is " + it).orElse("");
            return answer.isRefuted()
                    ? new Check(QUERY, Outcome.FAILED, found + " (expected: true)")
                    : new Check(QUERY, Outcome.PASSED, found);
        } catch (ServerException e) {
            return refused(QUERY, e);
        }
    }

    /** What the server itself says is an answer; that it says nothing is none. */
    private static Check refused(String name, ServerException e) {
        if (e.isSilence()) {
            throw RestoreException.ofThisHost(
                    name + ": the restored server does not answer: " + e.getMessage(),
                    "give it more time, or look into its log: --keep leaves it",
                    e);
        }
        return new Check(name, Outcome.FAILED, oneLine(String.valueOf(e.getMessage())));
    }

    private Check absent(String program) {
        return new Check(
                program,
                Outcome.SKIPPED,
                "%s holds no %s".formatted(tools.programs().programs(), program));
    }

    private static Check of(String name, ServerTools.Ended ended, String what) {
        if (ended.status() == 0) {
            return new Check(name, Outcome.PASSED, what);
        }
        long others = ended.lines() - NAMED_LINES;
        return new Check(
                name,
                Outcome.FAILED,
                ended.said().stream().limit(NAMED_LINES).collect(Collectors.joining("; "))
                        + (others > 0 ? "; and %d more lines".formatted(others) : "")
                        + " (exit status %d)".formatted(ended.status()));
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\n\\s*", "; ");
    }
}
