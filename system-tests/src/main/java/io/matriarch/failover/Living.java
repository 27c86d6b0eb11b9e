package io.matriarch.failover;

import io.matriarch.failover.side.Member;
import io.matriarch.failover.side.Side;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Waiting;
import io.matriarch.workload.Acknowledgement;
import io.matriarch.workload.Acknowledgements;
import io.matriarch.workload.RecordingWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Lets clients live through a fault: one behind the way in, one there with transactions of several
 * statements, and one connected to the old primary itself where that could go on.
 */
final class Living {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final Duration BEFORE_CONNECTING_TO_ONE = Duration.ofMillis(100);
    private static final String LONG = "_long";
    private static final int SOME = 100;

    private final Side side;
    private final String table;

    private Living(Side side, String table) {
        this.side = side;
        this.table = table;
    }

    /**
     * @param lasts until the fault is cured
     */
    static Round through(Fault fault, Duration lasts, Side side, String table)
            throws InterruptedException, SQLException {
        Waiting.until("the cluster is whole", PATIENCE, side::isWhole);
        return new Living(side, table).through(fault, lasts);
    }

    private record Client(RecordingWriter writer, String table) {}

    private Round through(Fault fault, Duration lasts) throws InterruptedException, SQLException {
        Scene scene = Scene.of(side);
        List<Client> clients = new ArrayList<>();
        try {
            RecordingWriter.Manner manner = RecordingWriter.Manner.pausing(PAUSE);
            clients.add(begin(table, Optional.empty(), manner));
            clients.add(begin(table + LONG, Optional.empty(), manner.inLongTransactions()));
            if (fault.leavesPostgres()) {
                clients.add(
                        begin(
                                table + "_direct",
                                Optional.of(scene.primary()),
                                manner.stubborn(BEFORE_CONNECTING_TO_ONE)));
            }
            for (Client client : clients) {
                awaitMore(client.writer);
            }
            long struck = System.nanoTime();
            Strike.Cure cure = fault.strike().on(scene);
            Thread.sleep(
                    Duration.ofNanos(Math.max(0, lasts.toNanos() - (System.nanoTime() - struck))));
            cure.apply();
            Duration wellAfter =
                    Waiting.until("the cluster is well again", PATIENCE, side::isWhole);
            awaitMore(clients.get(0).writer);
            awaitMore(clients.get(1).writer);
            return judge(clients, struck, wellAfter);
        } finally {
            clients.forEach(client -> client.writer.close());
        }
    }

    private Client begin(String name, Optional<Member> past, RecordingWriter.Manner manner)
            throws SQLException {
        if (past.isEmpty()) {
            return new Client(RecordingWriter.start(side.target(name), manner), name);
        }
        return new Client(RecordingWriter.start(side.targetAt(past.get(), name), manner), name);
    }

    private static void awaitMore(RecordingWriter writer) throws InterruptedException {
        int before = writer.count();
        Waiting.until("writes go through", PATIENCE, () -> writer.count() > before + SOME);
    }

    private Round judge(List<Client> clients, long struck, Duration wellAfter)
            throws InterruptedException, SQLException {
        long end = System.nanoTime();
        List<Acknowledgement> all = new ArrayList<>();
        List<Integer> lost = new ArrayList<>();
        Duration outage = Duration.ZERO;
        for (Client client : clients) {
            Acknowledgements told = client.writer.finish();
            if (all.isEmpty()) {
                outage = told.longestGap(struck, end);
            }
            lost.add(told.lost(RecordingWriter.present(side.target(client.table))).size());
            all.addAll(told.inOrder());
        }
        return new Round(
                outage,
                all.size(),
                lost.get(0) + lost.get(1),
                lost.size() > 2 ? lost.get(2) : 0,
                Acknowledgements.overlapping(all).size(),
                clients.get(1).writer.aborted(),
                wellAfter,
                Optional.empty());
    }

    /** Where the clients behind the way in have written; a direct one is there for some faults. */
    static List<String> tables(String table) {
        return List.of(table, table + LONG);
    }

    /**
     * A round that came to no end is told as such; what is not a fault of the cluster is thrown.
     */
    static Round tolerantly(Fault fault, Duration lasts, Side side, String table)
            throws InterruptedException {
        try {
            return through(fault, lasts, side, table);
        } catch (OutsideException
                | SQLException
                | NoSuchElementException
                | UncheckedIOException e) {
            return Round.failed(e.toString().lines().findFirst().orElseThrow());
        }
    }
}
