package io.matriarch.failover;

import io.matriarch.failover.side.Side;
import io.matriarch.outside.Console;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Waiting;
import io.matriarch.outside.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * One fault after the other, drawn from a seed, against a synchronous cluster. It ends with status
 * 0 only if no acknowledged row was lost, nobody wrote who must not, and the cluster was well again
 * after each fault; the first that shows otherwise ends it.
 *
 * <p>Arguments: {@code SEED SECONDS}.
 */
public final class Soak {

    private static final int FAILED = 1;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final long seed;
    private final Draw draw;
    private final Side side;
    private final Map<String, Long> rows = new TreeMap<>();
    private int faults;
    private long acknowledged;

    private Soak(long seed, Side side) {
        this.seed = seed;
        this.draw = new Draw(seed);
        this.side = side;
    }

    public static void main(String[] arguments)
            throws InterruptedException, IOException, SQLException {
        long seed = Long.parseLong(arguments[0]);
        Duration duration = Duration.ofSeconds(Long.parseLong(arguments[1]));
        Workplace place = Workplace.make();
        Files.createDirectories(place.resolve("s"));
        Side side = Contestant.MATRIARCH.start(Launcher.here(), place.resolve("s"));
        boolean isWell = false;
        try {
            Console.OUT.printf(
                    "seed %d, for %d s, in %s%n", seed, duration.toSeconds(), place.root());
            isWell = new Soak(seed, side).run(duration);
        } finally {
            side.end();
            if (isWell) {
                place.remove();
            } else {
                Console.OUT.println("what it has left lies in " + place.root());
            }
        }
        if (!isWell) {
            System.exit(FAILED);
        }
    }

    private boolean run(Duration duration) throws InterruptedException, SQLException {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < duration.toNanos()) {
            Draw.Drawn drawn = draw.next();
            faults++;
            String table = "f" + faults;
            Round round = Living.tolerantly(drawn.fault(), drawn.lasts(), side, table);
            Console.OUT.printf(
                    "%d: %s for %s: %s%n",
                    faults, drawn.fault().key(), Rounds.seconds(drawn.lasts()), round);
            acknowledged += round.acknowledged();
            if (!round.isHonest()) {
                Console.OUT.printf("FAILED: seed %d, fault %d, %s%n", seed, faults, drawn);
                return false;
            }
            remember(table);
        }
        return isAllThere(Duration.ofNanos(System.nanoTime() - begun));
    }

    private void remember(String table) throws SQLException {
        for (String each : Living.tables(table)) {
            rows.put(each, count(each));
        }
    }

    private long count(String table) throws SQLException {
        return side.superuser().number("SELECT count(*) FROM " + table);
    }

    /** What was there after one fault must also be there after all that came later. */
    private boolean isAllThere(Duration took) throws InterruptedException, SQLException {
        Waiting.until("the cluster is whole", PATIENCE, side::isWhole);
        long gone = 0;
        for (Map.Entry<String, Long> each : rows.entrySet()) {
            gone += each.getValue() - count(each.getKey());
        }
        Console.OUT.printf(
                "seed %d: %d faults in %d s, %d rows acknowledged, %d lost, 0 written by two at a"
                        + " time%n",
                seed, faults, took.toSeconds(), acknowledged, gone);
        return gone == 0;
    }
}
